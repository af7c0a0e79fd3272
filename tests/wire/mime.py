#!/usr/bin/env python3
"""An INVITE read by Python's email: mime.py FILE TOKEN

It has a description and the token of the file TOKEN, and no defects.
"""
import email
import sys

raw = open(sys.argv[1], "rb").read()
token = open(sys.argv[2], "rb").read()
start, rest = raw.split(b"\r\n", 1)
head, body = rest.split(b"\r\n\r\n", 1)

# what is in a message/.. would be parsed as well
mail = email.message_from_bytes(rest.replace(b" message/", b" text/"))


def must(ok, what):
    if not ok:
        sys.exit("mime.py: " + what)


must(mail.get_all("Content-Length") == [str(len(body))], "length")
must(mail.get_content_type() == "multipart/mixed", "type")
must(mail.get_all("Content-Type").__len__() == 1, "types")
must(not mail.defects, "defects %r" % mail.defects)
must(not mail.preamble, "preamble")
must(not mail.epilogue.strip(), "epilogue")

parts = mail.get_payload()
must(len(parts) == 2, "parts")
must(not any(part.defects for part in parts), "defects of a part")
sdp, tok = [part.get_payload(decode=True) for part in parts]
must(parts[0].get_content_type() == "application/sdp", "type of part 1")
must(all(line[1:2] == b"=" for line in sdp.rstrip().split(b"\r\n")), "sdp")
must(parts[1]["Content-ID"] and tok == token, "token %r" % tok)
must(body.count(mail.get_boundary().encode()) == 3, "boundary")
print("ok")
