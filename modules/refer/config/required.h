/**
 * @file required.h  Whether baresip may go on without the module
 */
#ifndef REFER_REQUIRED_H
#define REFER_REQUIRED_H

void required_check(void);

#endif
