/**
 * @file observers.h  Applications that follow all transfers
 */
#ifndef REFER_OBSERVERS_H
#define REFER_OBSERVERS_H

#include "refer.h"

void observers_event(const struct refer_event *ev,
		     const struct refer_transfer *t);
void observers_loaded(bool loaded);

#endif
