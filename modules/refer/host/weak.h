/**
 * @file weak.h  What some baresip, or its libre, does not export
 *
 * Included into every file of the module by the compiler's command line.
 * A module that is built for one baresip and loaded into another would not get
 * as far as to say so if the linker found one of these missing; see version.c.
 */

/* clang warns of a weak name that a file does not use, but not in these */
#pragma GCC system_header

/* Not in 1.0 */
#pragma weak uag_find_msg

/* Not in 1.1 or later */
#pragma weak uag_current

/* Not in 3.x or 4.x */
#pragma weak debug
#pragma weak info
#pragma weak mbuf_printf
#pragma weak re_hprintf
#pragma weak re_sdprintf
#pragma weak re_snprintf
#pragma weak tmr_start
#pragma weak ua_event
#pragma weak uag_event_register
#pragma weak uag_event_unregister
#pragma weak warning

/* Not in 1.x */
#pragma weak _debug
#pragma weak _info
#pragma weak _mbuf_printf
#pragma weak _re_hprintf
#pragma weak _re_sdprintf
#pragma weak _re_snprintf
#pragma weak _warning
#pragma weak bevent_set_error
#pragma weak call_refresh_allowed
#pragma weak call_start_answtmr
#pragma weak module_event
#pragma weak odict_entry_int
#pragma weak odict_entry_key
#pragma weak odict_entry_object
#pragma weak odict_entry_str
#pragma weak odict_entry_type
#pragma weak sha256
#pragma weak tmr_start_dbg
#pragma weak ua_req_check_origin

/* Nor these; before 3.15 they are ours, see baresip.h */
#if HOST_MAJOR * 100 + HOST_MINOR >= 315
#pragma weak bevent_get_call
#pragma weak bevent_get_text
#pragma weak bevent_register
#pragma weak bevent_unregister
#endif
