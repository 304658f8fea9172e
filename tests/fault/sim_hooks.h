/* The teams that cases are escalated to: "billing" has a webhook, "legal" a command. */
#ifndef TESTS_FAULT_SIM_HOOKS_H
#define TESTS_FAULT_SIM_HOOKS_H

#include "tests/fault/sim.h"

void hooks_init(bool (*stopped)(enum sim_actor actor)); /* answers to this courier wait while it is stopped */
bool hooks_quiet(void);                                 /* nobody waits for an answer */

#endif
