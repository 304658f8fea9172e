/* The nouns of curlew: account, post, customer, case, reply, note, journal. Plain data, no behaviour; what may be done
 * to them stands in action.h, how they are asked for in query.h, when they fall due in clocks.h.
 *
 * Text is valid UTF-8 without NUL, as people wrote it (hostile characters included: the door to the screen cleans).
 * Times are UTC milliseconds; 0 means "not". Ids are row ids of the store; 0 means "none".
 * Strings and arrays belong to whoever owns the struct: an arena for rows that queries return, the state for what it
 * keeps. A string is never NULL unless said; "" means none. A variable for a case is named `kase`. */
#ifndef CORE_MODEL_MODEL_H
#define CORE_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nobody counts further: a longer queue is "10000+", and COUNTED_MAX + 1 where it is a number. */
#define COUNTED_MAX 10000

/* The words of each enumeration are those of the store, of --json and of the query language; names.c makes
 * `const char *x_name(enum x)` and `bool x_parse(const char *, enum x *)` from the same tables. */

#define CASE_STATUS_TABLE(X)                                                                                           \
	X(NEW, "new")         /* nobody of us has touched it */                                                        \
	X(OPEN, "open")       /* somebody works on it, or the customer spoke last */                                   \
	X(WAITING, "waiting") /* we spoke last */                                                                      \
	X(SNOOZED, "snoozed") /* until a time, or until the customer speaks */                                         \
	X(DONE, "done")                                                                                                \
	X(IGNORED, "ignored") /* spam, muted, not about us */

#define VISIBILITY_TABLE(X)                                                                                            \
	X(PUBLIC, "public")                                                                                            \
	X(UNLISTED, "unlisted") /* public, but not in public timelines */                                              \
	X(PRIVATE, "private")   /* followers */                                                                        \
	X(DIRECT, "direct")     /* those named in it */

#define DIRECTION_TABLE(X)                                                                                             \
	X(IN, "in")   /* a customer's, or a bystander's */                                                             \
	X(OUT, "out") /* the brand's */

#define REPLY_KIND_TABLE(X)                                                                                            \
	X(POST, "reply")                                                                                               \
	X(EDIT, "edit")     /* replaces the text of a post of ours */                                                  \
	X(DELETE, "delete") /* takes a post of ours back */                                                            \
	X(LIKE, "like")                                                                                                \
	X(UNLIKE, "unlike")                                                                                            \
	X(BOOST, "boost")                                                                                              \
	X(UNBOOST, "unboost")                                                                                          \
	X(HIDE, "hide")     /* a reply under a post of ours, on the network */                                         \
	X(REPORT, "report") /* a post, to the network's moderators; text is why */                                     \
	X(BLOCK, "block")   /* its author, on the network */                                                           \
	X(MUTE, "mute")     /* the same; muting at the desk is no reply */

#define REPLY_STATE_TABLE(X)                                                                                           \
	X(HELD, "held")       /* confirmed; may be recalled until hold_until */                                        \
	X(QUEUED, "queued")   /* due; may still be recalled */                                                         \
	X(SENDING, "sending") /* the courier has taken it: too late to recall */                                       \
	X(SENT, "sent")                                                                                                \
	X(FAILED, "failed")     /* refused; waits in the outbox with its text and the reason */                        \
	X(IN_DOUBT, "in-doubt") /* the outcome is unknown; the courier looks before it says anything again */          \
	X(STOPPED, "stopped")   /* something changed before it left; waits in the outbox for a person */               \
	X(RECALLED, "recalled") /* taken back; its text is a draft again */

#define ACCOUNT_STATE_TABLE(X)                                                                                         \
	X(NEVER, "never") /* no courier has tried yet */                                                               \
	X(CONNECTING, "connecting")                                                                                    \
	X(CATCHING_UP, "catching up") /* stream open, back-fill under way */                                           \
	X(LIVE, "live")                                                                                                \
	X(RETRYING, "retrying")         /* until state_until */                                                        \
	X(RATE_LIMITED, "rate limited") /* until state_until */                                                        \
	X(NEEDS_LOGIN, "needs login")   /* the token is missing or refused: a person must act */                       \
	X(FAILED, "failed")             /* configuration or server is wrong in a way that retrying won't mend */

#define MEDIA_KIND_TABLE(X)                                                                                            \
	X(PHOTO, "photo")                                                                                              \
	X(VIDEO, "video")                                                                                              \
	X(AUDIO, "audio")                                                                                              \
	X(GIF, "gif")                                                                                                  \
	X(POLL, "poll")                                                                                                \
	X(OTHER, "file")

#define ESCALATION_STATE_TABLE(X)                                                                                      \
	X(NONE, "none")                                                                                                \
	X(PENDING, "pending")     /* the courier has to carry it out */                                                \
	X(DELIVERED, "delivered") /* the hook took it */                                                               \
	X(FAILED, "failed")       /* given up, with the reason; can be tried again by escalating again */              \
	X(TAKEN, "taken")         /* the team said so */                                                               \
	X(WITHDRAWN, "withdrawn") /* undone before it was carried out */

#define STATUS_MEMBER(n, w) STATUS_##n,
#define VIS_MEMBER(n, w) VIS_##n,
#define DIR_MEMBER(n, w) DIR_##n,
#define REPLY_MEMBER(n, w) REPLY_##n,
#define REPLY_KIND_MEMBER(n, w) REPLY_KIND_##n,
#define ACCOUNT_MEMBER(n, w) ACCOUNT_##n,
#define MEDIA_MEMBER(n, w) MEDIA_##n,
#define ESCALATION_MEMBER(n, w) ESCALATION_##n,

enum case_status { CASE_STATUS_TABLE(STATUS_MEMBER) STATUS_COUNT };
enum visibility { VISIBILITY_TABLE(VIS_MEMBER) VIS_COUNT }; /* in order: wider first */
enum direction { DIRECTION_TABLE(DIR_MEMBER) DIR_COUNT };
enum reply_kind { REPLY_KIND_TABLE(REPLY_KIND_MEMBER) REPLY_KIND_COUNT };
enum reply_state { REPLY_STATE_TABLE(REPLY_MEMBER) REPLY_STATE_COUNT };
enum account_state { ACCOUNT_STATE_TABLE(ACCOUNT_MEMBER) ACCOUNT_STATE_COUNT };
enum media_kind { MEDIA_KIND_TABLE(MEDIA_MEMBER) MEDIA_COUNT };
enum escalation_state { ESCALATION_STATE_TABLE(ESCALATION_MEMBER) ESCALATION_STATE_COUNT };

const char *case_status_name(enum case_status v);
const char *visibility_name(enum visibility v);
const char *direction_name(enum direction v);
const char *reply_kind_name(enum reply_kind v);
const char *reply_state_name(enum reply_state v);
const char *account_state_name(enum account_state v);
const char *media_kind_name(enum media_kind v);
const char *escalation_state_name(enum escalation_state v);
bool case_status_parse(const char *word, enum case_status *out);
bool visibility_parse(const char *word, enum visibility *out);
bool direction_parse(const char *word, enum direction *out);
bool reply_kind_parse(const char *word, enum reply_kind *out);
bool reply_state_parse(const char *word, enum reply_state *out);
bool account_state_parse(const char *word, enum account_state *out);
bool media_kind_parse(const char *word, enum media_kind *out);
bool escalation_state_parse(const char *word, enum escalation_state *out);

/* What a network can do, as the desk and the courier need to know it: capabilities, never names. The words are those
 * of adapters (curlew-adapter(7)). Grows at the end only: the store keeps the bits. */
#define CAPABILITY_TABLE(X)                                                                                            \
	X(STREAM, "stream", "what happens is told at once; without it, when it is looked for")                         \
	X(IDEMPOTENT, "idempotent", "a key that comes again makes no second post")                                     \
	X(EDIT, "edit", "a post of ours can be changed in its place")                                                  \
	X(DELETE, "delete", "a post of ours can be taken back")                                                        \
	X(LIKE, "like", "posts can be liked")                                                                          \
	X(VISIBILITY, "visibility", "posts have an audience, which an answer inherits")                                \
	X(DIRECT, "direct", "posts can be answered in private")                                                        \
	X(LANGUAGE, "language", "posts have a language")                                                               \
	X(WARNING, "warning", "posts can stand behind a warning")                                                      \
	X(LISTEN, "listen", "words and hashtags are listened for, beside mentions")                                    \
	X(NAMING, "naming", "an answer reaches only those whom its text names")                                        \
	X(MEDIA, "media", "files can go with a post")                                                                  \
	X(REPLY, "reply", "posts can be answered; whether this one can, the post says")                                \
	X(BOOST, "boost", "posts can be passed on")                                                                    \
	X(HIDE, "hide", "an answer to a post of ours can be hidden")                                                   \
	X(REPORT, "report", "a post can be reported to the network")                                                   \
	X(BLOCK, "block", "the author of a post can be blocked there")                                                 \
	X(MUTE, "mute", "the author of a post can be muted there")
#define CAPABILITY_NUMBER(n, word, help) CAP_NUMBER_##n,
#define CAPABILITY_BIT(n, word, help) CAP_##n = 1 << CAP_NUMBER_##n,
enum capability_number { CAPABILITY_TABLE(CAPABILITY_NUMBER) CAP_COUNT };
enum capability { CAPABILITY_TABLE(CAPABILITY_BIT) };

const char *capability_word(enum capability_number number);
const char *capability_help(enum capability_number number);
bool capability_parse(const char *word, enum capability *out);

/* What a post may be. */
struct post_limits {
	int max;  /* length; 0: unknown yet */
	int rule; /* how it is counted: enum length_name of core/text/length.h */
	int url;  /* what a URL counts; 0: its own length */
	/* Of what is attached; 0: unknown. */
	int files;                        /* a post */
	int alt;                          /* characters of a description */
	int64_t image_bytes, video_bytes; /* of a file */
	unsigned kinds;                   /* 1 << enum media_kind of what is taken */
};

/* What a network charges, in millionths of `currency`; 0: nothing. */
struct prices {
	const char *currency;      /* "USD"; "" where nothing has a price */
	int64_t reply, reply_link; /* a reply; instead of it, a reply with a link in it */
};

/* The same, as an account has used it up. A budget of 0 is none. */
struct spending {
	int64_t day, month; /* since midnight, since the first, UTC */
	int64_t month_budget;
};

/* What a network tells of an account. */
struct account_facts {
	unsigned caps; /* enum capability */
	struct post_limits limits;
	int64_t edit_ms; /* how long after it was published a post can be edited; 0: for ever */
	struct prices prices;
	const char *handle; /* "": not told */
};

struct account {
	int64_t id;
	const char *name;    /* the [account NAME] of the configuration */
	const char *network; /* the word of the configuration */
	const char *server;
	const char *handle; /* "@acme" */
	unsigned caps;      /* enum capability */
	struct post_limits limits;
	int64_t edit_ms; /* how long after it was published a post can be edited; 0: for ever */
	struct prices prices;
	struct spending spending;
	enum account_state state;
	int64_t state_since;
	int64_t state_until;      /* RETRYING, RATE_LIMITED: when it will try again */
	const char *state_reason; /* words for a person */
	int64_t last_event_at;    /* when the server last said anything, heartbeats included; coarse */
};

struct customer {
	int64_t id;
	const char *network;
	const char *remote_key; /* the author's identity on the network (networks.md §0.2): uri, DID, user id */
	const char *remote_id;  /* the author's id on the account's server, for calls */
	const char *handle;     /* "@sam@social.example" */
	const char *name;
	const char *url;
	int64_t followers;  /* -1: unknown */
	int64_t created_at; /* of the profile */
	bool bot;
	int cases; /* how many cases they have had with us */
	int64_t muted_until;
};

struct media {
	enum media_kind kind;
	const char *alt; /* "" when the author gave none */
	const char *url;
};

struct post {
	int64_t id;
	int64_t account_id;
	int64_t thread_id;
	int64_t customer_id; /* 0 for ours */
	enum direction direction;
	const char *remote_id;
	const char *parent_remote_id; /* "" for a root */
	const char *uri;
	const char *url;
	const char *author_handle;
	const char *author_name;
	int64_t created_at;
	int64_t received_at;
	int64_t edited_at;
	int64_t deleted_at;
	enum visibility visibility;
	const char *language; /* "" unknown */
	const char *warning;  /* content warning */
	bool sensitive;
	int liked_by_us, boosted_by_us; /* 0 or 1; -1: the network does not say (in what comes in alone) */
	bool addressed;                 /* names us with our handle; false: found by listening */
	const char *text;
	const struct media *media;
	int media_count;
	const char *mentions; /* handles named in it, separated by spaces */
	const char *links;    /* targets, separated by spaces */
	int boosts, likes, replies;
	int64_t reply_id;    /* ours: the reply this came from, if it was sent from here */
	const char *sent_by; /* ours: the agent */
	const char *source;  /* ours: the text as it was last sent from here, handles included; "" when it wasn't */
	const char
	        *reply_refusal; /* why the network lets us not answer it, in words; "" when it does, or did not say */
};

struct reply;

enum { PRIORITY_MIN = -1, PRIORITY_MAX = 2 };

struct kase {
	int64_t id;
	int64_t account_id;
	const char *account; /* its name */
	const char *network;
	int64_t customer_id;
	const char *handle; /* the customer's */
	const char *customer_name;
	int64_t followers;
	int64_t muted_until; /* the customer's */
	enum case_status status;
	const char *assignee; /* who owns it; claimed by typing, `c`, or assigned */
	const char *writer;   /* who is typing right now, while writer_until is in the future */
	int64_t writer_until;
	int priority; /* PRIORITY_MIN: low, 0, 1 high, PRIORITY_MAX: urgent */
	const char *const *tags;
	int tag_count;
	const char *escalated_to; /* team; "" for none */
	const char *escalation_why;
	const char *escalated_by;
	int64_t escalated_at;
	enum escalation_state escalation;
	const char *escalation_error;
	int64_t snoozed_until;
	const char *done_reason;
	int64_t created_at;
	int64_t updated_at;
	int64_t first_post_at;
	int64_t last_in_at;     /* the customer's newest post */
	int64_t last_out_at;    /* ours */
	int64_t first_reply_at; /* 0: nobody answered yet */
	int64_t due;            /* the running clock's deadline; 0: no clock runs */
	int64_t rank;           /* the order of every list: ascending (rank, id) */
	int64_t revision;       /* grows with each change */
	int64_t linked_to;      /* the customer's case before this one */
	/* for the inbox row */
	const char *summary; /* the words that matter of the newest post from the customer */
	const char *language;
	int boosts;
	int media_count;
	int similar;                          /* how many unresolved cases say nearly the same, itself included */
	bool praise, question, personal_data; /* marks by core/triage */
	int64_t draft_at;                     /* this agent's draft; 0: none */
	int newer_than_draft;                 /* posts of the customer since that draft was begun */
	/* In rows of a query for is:outbox: the first reply there that waits for a person, else
	 * the oldest, and how many there are. Else NULL. */
	const struct reply *outgoing;
	int outgoing_count;
};

/* A file that goes out with a reply. It is read when the reply is sent, not before. */
struct attachment {
	const char *path; /* absolute */
	const char *alt;  /* what it shows, in words; "" when the author gave none */
};

struct reply {
	int64_t id;
	int64_t case_id;
	int64_t account_id;
	enum reply_kind kind;
	enum reply_state state;
	const char *agent;
	const char *to_remote_id; /* the post answered; for EDIT and DELETE the post of ours; else the post meant */
	const char *to_handle;
	const char *text;  /* as it will be published, handles included */
	const char *typed; /* as it was written, which is what a recall gives back; "" where it is text itself */
	const struct attachment *files;
	int file_count;
	/* A text too long for one post goes out as several, each answering the one before. */
	int part, parts; /* from 1; 0 for a reply that is whole */
	int64_t series;  /* id of the first part; 0 for a reply that is whole */
	enum visibility visibility;
	const char *language;
	const char *warning;
	const char *idempotency_key; /* one per logical send; a new one after a parsed 4xx */
	const char *follow;          /* what becomes of the case: "stay" "next" "done" or "snooze UNTIL-MS" */
	bool anyway;                 /* a person sent it knowing what stands against it */
	int64_t seen_post_id;        /* the newest post of the case the agent had on screen when it was confirmed */
	int64_t created_at;
	int64_t hold_until;
	int64_t next_try_at;
	int attempts;
	int64_t sent_at;
	const char *remote_id; /* of the published post */
	const char *url;
	const char *error; /* the reason in words */
};

/* A draft is per case, agent and kind; revision grows with each save. */
enum draft_kind {
	DRAFT_REPLY,
	DRAFT_PRIVATE,
	DRAFT_NOTE,
	DRAFT_CORRECTION, /* the new text of a post of ours: to_remote_id */
	DRAFT_KIND_COUNT
};
struct draft {
	int64_t case_id;
	enum draft_kind kind;
	const char *text;
	int cursor; /* byte offset */
	int64_t revision;
	int64_t begun_at, updated_at;
	const char *to_remote_id; /* the post being answered */
	const char *warning, *language;
	const struct attachment *files;
	int file_count;
};

/* A change of one field of a case; see action.h. */
struct change {
	int field; /* enum case_field */
	const char *from, *to;
};

struct journal_entry {
	int64_t id;
	int64_t case_id;
	int64_t at;
	const char *by;     /* agent, or "curlew" for what the courier did */
	const char *action; /* a name of action.def */
	const struct change *changes;
	int change_count;
	const char *text; /* the note, the reason; lives beside the journal so that it can be erased */
	int64_t undoes;   /* the entry that this one took back */
	int64_t batch; /* entries that were made together have the same, and are undone together; 0: it stands alone */
	bool undone;
};

/* One line of a conversation, in time order: a post, a journal line, or a reply on its way. Exactly one is set. */
struct thread_item {
	int64_t at;
	const struct post *post;
	const struct journal_entry *entry;
	const struct reply *reply;
};

/* A case among all of its customer's. */
struct past_case {
	struct kase kase;
	const char *note; /* the newest note of the team; "" none */
	const char *note_by;
	int64_t note_at;
};

/* Cases of different customers that came up shortly after one another and say nearly the same. */
struct spike {
	int count;         /* 0: there is none */
	int64_t case_id;   /* the first of them */
	const char *words; /* what it says */
};

/* A stretch of time of which the network will not tell any more what was said there: known to be missing. */
struct gap {
	int64_t id;
	const char *account; /* its name */
	const char *source;  /* in words: "mentions", "#acme", "\"acme corp\"" */
	int64_t from, to;    /* UTC ms */
	const char *reason;  /* in words */
	int64_t found_at;
	const char *seen_by; /* the agent who has taken note of it; "" nobody yet */
	int64_t seen_at;
};

enum { JOINED_MAX = 32 };

/* A case with all that its pane shows. */
struct case_view {
	struct kase kase;
	struct customer customer;
	const struct thread_item *items;
	int item_count;
	const struct draft *drafts; /* this agent's */
	int draft_count;
	const struct customer *joined; /* who else the customer is, on this network and others; at most JOINED_MAX */
	int joined_count;
	int earlier_cases; /* of this person */
	int earlier_unhappy;
};

#endif
