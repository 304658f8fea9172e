/* What should not stand in public: does a text hold an e-mail address, a telephone number, an IBAN or a card number?
 * Numbers of orders, parcels and dates are not meant. Pure. */
#ifndef CORE_TRIAGE_PERSONAL_H
#define CORE_TRIAGE_PERSONAL_H

#include <stdbool.h>

/* said: as said_fold leaves it (lower case, plain digits). */
bool personal_email(const char *said);
bool personal_phone(const char *said); /* +49 170 …, 0170 …, (555) 123-4567; not behind "order" and the like */
bool personal_iban(const char *said);  /* ISO 13616, with its check digits (ISO 7064, MOD 97-10) */
bool personal_card(const char *said);  /* ISO/IEC 7812: a known issuer's range and length, and Luhn's check digit */
bool personal_any(const char *said);

#endif
