/**
 * @file header.h  Header lines
 */
#ifndef REFER_HEADER_H
#define REFER_HEADER_H

bool header_is_reserved(const struct pl *name);
bool header_line_is(const char *line, const char *name);
bool header_lines_valid(const char *const *linev);

#endif
