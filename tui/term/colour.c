#include "tui/term/colour.h"

#include "tui/view/frame.h"

enum { BASIC = 8, NAMED = 16, CUBE = 6, GREYS_FROM = 232, PALETTE = 256 };

/* The named sixteen as xterm has them from birth. */
static const int32_t named[NAMED] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
        0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};

/* xterm's palette: the sixteen, a cube of 6 x 6 x 6, 24 greys. */
static int32_t palette_rgb(int i)
{
	static const int32_t steps[CUBE] = {0, 95, 135, 175, 215, 255};
	if (i < NAMED)
		return named[i];
	if (i >= GREYS_FROM)
		return (8 + 10 * (i - GREYS_FROM)) * 0x010101;
	i -= NAMED;
	return steps[i / (CUBE * CUBE)] << 16 | steps[i / CUBE % CUBE] << 8 | steps[i % CUBE];
}

/* Squared, with the weights of the eye, roughly. */
static int32_t distance(int32_t a, int32_t b)
{
	int32_t red = (a >> 16 & 255) - (b >> 16 & 255), green = (a >> 8 & 255) - (b >> 8 & 255);
	int32_t blue = (a & 255) - (b & 255);
	return 3 * red * red + 4 * green * green + 2 * blue * blue;
}

static int nearest(int32_t rgb, int from, int end)
{
	int best = from;
	for (int i = from + 1; i < end; i++)
		if (distance(rgb, palette_rgb(i)) < distance(rgb, palette_rgb(best)))
			best = i;
	return best;
}

int colour_fit(int32_t colour, int colours)
{
	if (colour < 0)
		return -1;
	bool any = (colour & LOOK_RGB) != 0;
	if (!any && colour < BASIC)
		return (int)colour;
	int32_t rgb = any ? colour & (LOOK_RGB - 1) : palette_rgb((int)colour);
	/* Descriptions of such terminals take 0 to 7 for the basic colours: the seven darkest blues are black there. */
	if (colours >= COLOURS_TRUE)
		return rgb < BASIC ? 0 : (int)rgb;
	if (!any && colour < colours)
		return (int)colour;
	/* The named ones look as their user likes: with a whole palette at hand they are no measure. */
	if (colours >= PALETTE)
		return nearest(rgb, NAMED, PALETTE);
	if (!any && colour < NAMED)
		return (int)colour - BASIC;
	return nearest(rgb, 0, colours >= NAMED ? NAMED : BASIC);
}
