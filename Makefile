#
# Makefile  The refer module for baresip
#

PREFIX     ?= /usr
BARESIP    ?= baresip
CC         ?= cc
BUILD      := build
MOD_DIR    := modules/refer

# every libre of Debian wants these three
LIBRE_CFLAGS := -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 \
		-I$(SYSROOT)/usr/include/re
WARN       := -Wall -Wextra -Wshadow -Wstrict-prototypes \
	      -Wmissing-prototypes -Wvla
CFLAGS     ?= -O2 -g
ALL_CFLAGS := -std=c99 -D_GNU_SOURCE $(WARN) $(LIBRE_CFLAGS) $(CFLAGS)

MODULE_DIR ?= $(PREFIX)/lib/baresip/modules
DOC_DIR    ?= $(PREFIX)/share/doc/baresip-refer

# The protocol knows libre and host.h; the rest knows baresip
CORE_SRC := $(addprefix $(MOD_DIR)/, core.c event.c client.c server.c \
	referral.c inviter.c notifier.c subscriber.c refer_to.c replaces.c \
	sipfrag.c target.c settings.c intercept.c)
HOST_SRC := $(addprefix $(MOD_DIR)/, refer.c host_baresip.c commands.c \
	shadow.c compat/baresip1.c)
HEADERS  := $(wildcard $(MOD_DIR)/*.h $(MOD_DIR)/compat/*.h)

MOD_OBJ  := $(patsubst $(MOD_DIR)/%.c, $(BUILD)/mod/%.o, $(CORE_SRC) $(HOST_SRC))


.PHONY: all
all: $(BUILD)/refer.so

# nodelete: libre still calls our handlers after the module was unloaded
$(BUILD)/refer.so: $(MOD_OBJ)
	$(CC) -shared $(LDFLAGS) -Wl,-z,nodelete -Wl,-soname,refer.so \
		-o $@ $^ -lre

$(BUILD)/mod/%.o: $(MOD_DIR)/%.c $(HEADERS) | deps-build
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC -fvisibility=hidden -c $< -o $@

.PHONY: deps-build
deps-build:

-include tests/tests.mk
