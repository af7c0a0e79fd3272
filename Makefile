#
# Makefile  The refer module for baresip
#
#   make            build build/refer.so and build/refer_http.so
#   make run        three baresips: a transfer, shown as it happens;
#                   DEMO=attended, bot, receptionist, web or fleet others
#   make test       all tests; T=name for some, V=1 for their ladders
#   make install    into the module directory of the installed baresip
#   make help       all targets
#
# All are for the installed package of baresip 1.x. With BARESIP=/prefix build,
# run, test, examples and install are for the baresip 3.x or 4.x that is there.
#

CC         ?= cc
CFLAGS     ?= -O2 -g
PREFIX     ?= $(or $(BARESIP),/usr)
MODULE_DIR ?= $(PREFIX)/lib/baresip/modules
DOC_DIR    ?= $(PREFIX)/share/doc/baresip-module-refer
BIN_DIR    ?= $(PREFIX)/bin
MAN_DIR    ?= $(PREFIX)/share/man
INCLUDE_DIR ?= $(PREFIX)/include
PC_DIR     ?= $(PREFIX)/$(if $(BARESIP),lib,share)/pkgconfig

VERSION    := $(if $(BARESIP),$(shell tools/host -v $(BARESIP) 2>&1))
$(if $(filter host:,$(VERSION)),$(error $(VERSION)))
BUILD      := build$(if $(BARESIP),/$(VERSION))
MOD_DIR    := modules/refer
RELEASE    := $(shell sed -n 's/^\#define REFER_VERSION "\(.*\)"/\1/p' \
	      $(MOD_DIR)/refer.h)

ONLY_1     := play asan fuzz bench lint dist deb test-deb test-service \
	      test-interop test-trixie
ifneq ($(and $(BARESIP),$(filter $(ONLY_1),$(MAKECMDGOALS))),)
$(error $(filter $(ONLY_1),$(MAKECMDGOALS)): without BARESIP only)
endif

# What a user reads, as it is installed
DOCS       := docs/manual.md docs/control.md docs/events.md docs/http.md \
	      docs/operations.md docs/security.md docs/troubleshooting.md \
	      packaging/baresip.service

# Debian's packages that a target needs
DEPS_build    := gcc libc6-dev pkgconf $(if $(BARESIP),,libre-dev librem-dev \
		 baresip-core)
DEPS_test     := $(DEPS_build) $(if $(BARESIP),libre-dev \
		 kamailio-websocket-modules) libcmocka-dev \
		 libssl-dev \
		 valgrind sip-tester kamailio kamailio-tls-modules openssl \
		 curl jq python3 mosquitto mosquitto-clients systemd \
		 $(if $(shell command -v node),,nodejs)
NODE          := $(if $(shell command -v npm),,nodejs npm)
DEPS_interop   = $(DEPS_test) linphone-cli iproute2 chromium pngquant \
		 fonts-dejavu-core kamailio-websocket-modules \
		 $(NODE)
DEPS_run      := $(DEPS_build) $(if $(filter fleet,$(DEMO)),kamailio \
		 mosquitto mosquitto-clients)
DEPS_trixie   := debootstrap util-linux git
DEPS_asan     := $(DEPS_build) libcmocka-dev
DEPS_fuzz     := $(DEPS_asan) clang libclang-rt-14-dev
DEPS_bench    := $(DEPS_build) valgrind \
		 $(if $(findstring fleet,$(BENCH)),kamailio mosquitto \
		 mosquitto-clients) $(if $(findstring peers,$(BENCH)),$(NODE))
DEPS_lint     := $(DEPS_test) clang codespell cppcheck mandoc git
DEPS_deb      := $(DEPS_build) build-essential debhelper git
DEPS_test-deb := $(DEPS_deb) debootstrap lintian iproute2
DEPS_test-service := $(DEPS_deb) debootstrap systemd-container procps

# What a newer baresip or libre has changed must be an error, not a crash
WARN       := -Wall -Wextra -Wshadow -Wstrict-prototypes \
	      -Wmissing-prototypes -Wvla -Werror=implicit-function-declaration \
	      -Werror=incompatible-pointer-types -Werror=int-conversion
LIBRE      := -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 \
	      -I/usr/include/re

# Each output is made anew when a header that it includes changes
DEP         = -MMD -MP -MT $@ -MF $(BUILD)/dep/$(subst /,-,$(@:$(BUILD)/%=%)).d
MKDIR       = @mkdir -p $(@D) $(BUILD)/dep
OWN_CFLAGS  = -std=c99 -D_GNU_SOURCE $(WARN) $(CPPFLAGS) $(CFLAGS) $(DEP)

# The module has the headers of its baresip and libre, the tools of the tests
# always those of the installed libre
HOST       := $(BUILD)/host
MOD_CFLAGS  = $(OWN_CFLAGS) @$(HOST) -iquote $(MOD_DIR) \
	      -include host/weak.h
ALL_CFLAGS  = $(OWN_CFLAGS) $(LIBRE)

# The host side knows baresip. The rest is the protocol, which knows libre and
# host.h only
HOST_SIDE  := refer.c api.c host/%.c console/%.c
SRC        := $(patsubst $(MOD_DIR)/%,%,$(wildcard $(MOD_DIR)/*.c \
	      $(MOD_DIR)/*/*.c))
CORE_SRC   := $(filter-out $(HOST_SIDE),$(SRC))
MOD_OBJ    := $(SRC:%.c=$(BUILD)/mod/%.o)

# What a module that uses refer.so is built from, as it is installed
API        := $(addprefix $(BUILD)/include/refer/,refer.h baresip.h \
	      $(if $(filter-out 1.%,$(VERSION)),,baresip1.h odict1.h))
APP        = $(CC) $(OWN_CFLAGS) -I$(BUILD)/include @$(HOST) -fPIC \
	     -fvisibility=hidden -shared $(LDFLAGS) -o $@ $< -L$(BUILD) \
	     -l:refer.so -Wl,-z,nodelete

# refer_http.so sees of refer.so what is installed, as any application
HTTP_DIR   := modules/refer_http
HTTP_OBJ   := $(patsubst $(HTTP_DIR)/%.c,$(BUILD)/http/%.o,$(wildcard \
	      $(HTTP_DIR)/*.c))
HTTP_CFLAGS = $(OWN_CFLAGS) -I$(BUILD)/include @$(HOST) -iquote $(HTTP_DIR) \
	      -iquote $(BUILD)/http -DFILES_DIR='"$(CURDIR)/$(HTTP_DIR)"'

.PHONY: all
all: $(BUILD)/refer.so $(BUILD)/refer_http.so $(BUILD)/refer.5
	@[ $(MAKELEVEL) != 0 ] || \
		echo "$(BUILD)/refer.so is for baresip $$(tools/host -v $(BARESIP))"

# nodelete: libre still calls our handlers after the module was unloaded. Not
# linked with libre: it has to be the one that baresip runs with. The first
# time it is, for the linker to find what that baresip does not export
LIBS       := $(wildcard $(foreach lib,libbaresip.so libre.so,$(addsuffix \
	      /$(lib),$(addprefix $(or $(BARESIP),/none)/,lib lib64 lib/*))))
LINK_ALL    = $(CC) -shared -Wl,-z,defs -o /dev/null $^ $(LIBS)

$(BUILD)/refer.so: $(MOD_OBJ)
	$(if $(LIBS),@$(LINK_ALL))
	$(CC) -shared $(LDFLAGS) -Wl,-z,nodelete -Wl,-soname,refer.so -o $@ $^

$(BUILD)/mod/%.o: $(MOD_DIR)/%.c $(HOST) Makefile
	$(MKDIR)
	$(CC) $(MOD_CFLAGS) -fPIC -fvisibility=hidden -c $< -o $@

$(BUILD)/refer_http.so: $(HTTP_OBJ) $(BUILD)/refer.so
	$(CC) -shared $(LDFLAGS) -Wl,-z,nodelete -Wl,-soname,refer_http.so \
		-o $@ $(HTTP_OBJ) -L$(BUILD) -l:refer.so

$(BUILD)/http/%.o: $(HTTP_DIR)/%.c $(API) $(HOST) Makefile
	$(MKDIR)
	$(CC) $(HTTP_CFLAGS) -fPIC -fvisibility=hidden -c $< -o $@

$(BUILD)/http/files.o: $(BUILD)/http/page.h $(HTTP_DIR)/openapi.json

$(BUILD)/http/page.h: tools/page $(HTTP_DIR)/page.html
	@mkdir -p $(@D)
	$^ >$@ || { rm -f $@; false; }

# written anew only if it is another baresip now
$(HOST): have-build FORCE
	@mkdir -p $(@D)
	@new=$$(tools/host $(BARESIP)) && \
		{ echo "$$new" | cmp -s - $@ || echo "$$new" >$@; }

.PHONY: FORCE

$(BUILD)/include/refer/%.h: $(MOD_DIR)/%.h
	@install -D -m 644 -p $< $@

$(BUILD)/include/refer/%.h: $(MOD_DIR)/host/%.h
	@install -D -m 644 -p $< $@

MANUAL := docs/manual.md docs/control.md

$(BUILD)/refer.5: tools/man $(MOD_DIR)/refer.h CHANGELOG.md $(MANUAL)
	@mkdir -p $(@D)
	tools/man $(RELEASE) CHANGELOG.md $(MANUAL) >$@ || { rm -f $@; false; }


# Packages: what builds names those that are missing, and `make deps` installs
# them; what runs or tests installs its own

.PHONY: deps
deps:
	@tools/need $(DEPS_deb)

have-%: FORCE
	@tools/need -n $(DEPS_$*)

need-%: FORCE
	@tools/need $(DEPS_$*)


# Tests: the packages first, then all that is built from them

-include examples/examples.mk
-include tests/tests.mk
-include tests/unit.mk
-include tests/torture.mk
-include tests/bench.mk
-include $(wildcard $(BUILD)/dep/*.d)

# in parallel, unless it was said how
SUBMAKE = +@$(MAKE) --no-print-directory \
	  $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: run play test
run: need-run
	@test -x $(BUILD)/demo || echo "building the module and the demonstrations .."
	$(SUBMAKE) -s all examples $(BUILD)/demo $(BUILD)/address.so
	@V=$(V) BOTS=$(BOTS) $(BUILD)/demo $(DEMO)

# 3.x and 4.x have no address of loopback
play: all
	@tools/play $(CURDIR)/$(BUILD)/play $(CURDIR)/$(BUILD)/refer.so \
		baresip $(MODULE_DIR)

# The unit tests are about the installed libre, the table of conformance about
# baresip 1.0
TESTS  = $(BUILD)/wire $(if $(BARESIP),,$(UNIT_PROGS))
TABLE  = $(if $(filter 1.0.%,$(shell tools/host -v $(BARESIP))),-c \
	 tests/conformance)
RUN    = $(BUILD)/run $(if $(T),-t "$(T)") $(if $(V),-v)

test: need-test
	$(SUBMAKE) all $(BUILD)/run $(WIRE_DEPS) $(TESTS)
	@$(RUN) $(TABLE) $(TESTS)

# In a chroot, which is kept
TRIXIE ?= $(BUILD)/trixie

.PHONY: test-trixie
test-trixie: need-trixie
	@tools/trixie $(TRIXIE) $(if $(T),T="$(T)") $(if $(V),V=$(V))

# What takes long: a fleet of bots under load
.PHONY: test-fleet
test-fleet: need-test
	$(SUBMAKE) all $(BUILD)/fleet $(BUILD)/run $(WIRE_DEPS)
	@$(RUN) $(BUILD)/fleet

.PHONY: test-interop
test-interop: need-interop
	$(SUBMAKE) all $(BUILD)/interop $(BUILD)/run $(WIRE_DEPS) \
		$(INTEROP_DEPS)
	@$(RUN) $(BUILD)/interop

# ASTERISK_TESTSUITE=, PJSUA=: see docs/torture.md
.PHONY: test-foreign
test-foreign: need-test
	$(SUBMAKE) all $(BUILD)/foreign $(BUILD)/run $(WIRE_DEPS)
	@ASTERISK_TESTSUITE="$(ASTERISK_TESTSUITE)" PJSUA="$(PJSUA)" \
		$(RUN) $(BUILD)/foreign


# Installation

INSTALLED := $(addprefix $(MODULE_DIR)/,refer.so refer_http.so) \
	     $(MAN_DIR)/man5/refer.5 $(MAN_DIR)/man1/refer-check.1 \
	     $(PC_DIR)/refer.pc $(BIN_DIR)/refer-check \
	     $(addprefix $(DOC_DIR)/,$(notdir $(DOCS))) \
	     $(API:$(BUILD)/include/refer/%=$(INCLUDE_DIR)/refer/%)

.PHONY: install
install: all $(API)
	install -D -m 644 -t $(DESTDIR)$(MODULE_DIR) $(BUILD)/refer.so \
		$(BUILD)/refer_http.so
	install -D -m 644 -t $(DESTDIR)$(MAN_DIR)/man5 $(BUILD)/refer.5
	install -D -m 644 -t $(DESTDIR)$(MAN_DIR)/man1 packaging/refer-check.1
	install -D -m 755 -t $(DESTDIR)$(BIN_DIR) packaging/refer-check
	install -D -m 644 -t $(DESTDIR)$(DOC_DIR) $(DOCS)
	install -D -m 644 -t $(DESTDIR)$(INCLUDE_DIR)/refer $(API)
	install -d $(DESTDIR)$(PC_DIR)
	tools/pc $(HOST) $(PREFIX) $(INCLUDE_DIR) $(MODULE_DIR) \
		>$(DESTDIR)$(PC_DIR)/refer.pc

# but not what the package has installed
.PHONY: uninstall
uninstall:
	@tools/uninstall $(INSTALLED:%=$(DESTDIR)%)

# The tarball of the release, a package of Debian that is built from it, and a
# test of that in a chroot
DEB_NAME := baresip-module-refer
DIST     := $(BUILD)/$(DEB_NAME)-$(RELEASE).tar.gz
DEB_DIR  := $(BUILD)/deb
DEB_SRC  := $(DEB_DIR)/$(DEB_NAME)-$(RELEASE)

.PHONY: dist deb test-deb test-service
dist:
	@mkdir -p $(BUILD)
	@tools/dist $(DIST)

deb: have-deb dist
	rm -rf $(DEB_DIR) $(BUILD)/$(DEB_NAME)_*.deb
	mkdir -p $(DEB_DIR)
	tar -xzf $(DIST) -C $(DEB_DIR)
	cp -r packaging/debian $(DEB_SRC)
	tools/debchangelog CHANGELOG.md >$(DEB_SRC)/debian/changelog
	cd $(DEB_SRC) && env -u MAKEFLAGS -u MAKELEVEL \
		DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage -us -uc
	cp $(DEB_DIR)/$(DEB_NAME)_*.deb $(BUILD)

test-deb: need-test-deb
	$(SUBMAKE) deb
	tests/deb $(DEB_DIR)

test-service: need-test-service
	$(SUBMAKE) deb
	tests/service $(DEB_DIR)

.PHONY: lint
lint: need-lint
	$(SUBMAKE) -s $(HOST) $(API) $(BUILD)/http/page.h $(BUILD)/refer.5
	tools/lint $(BUILD) $(CORE_SRC:%=$(MOD_DIR)/%)

.PHONY: clean
clean:
	rm -rf $(BUILD)

.PHONY: help
help:
	@echo "all        build $(BUILD)/refer.so and refer_http.so (CC=clang works"
	@echo "           too)"
	@echo "run        three baresips and a transfer; DEMO=attended, DEMO=bot,"
	@echo "           DEMO=receptionist others; DEMO=web: the page of each;"
	@echo "           DEMO=fleet BOTS=4: many bots behind kamailio;"
	@echo "           V=1: with the events at a terminal too"
	@echo "play       three baresips, and what to type into their consoles"
	@echo "test       all tests; T=name or pattern for some, V=1 ladders"
	@echo "test-fleet    many bots behind kamailio, under load"
	@echo "test-interop  with linphonec, SIP.js, JsSIP and Chromium"
	@echo "test-foreign  suites of others: ASTERISK_TESTSUITE=directory,"
	@echo "           PJSUA=program"
	@echo "test-trixie   all tests in a Debian 13 chroot, as root"
	@echo "asan       the unit tests with ASan and UBSan"
	@echo "torture    random messages and commands for T seconds (600);"
	@echo "           SEED=n plays one run again; NET=40 plays transfers over"
	@echo "           a network that loses 40 %"
	@echo "fuzz       each fuzzer, or FUZZ=name, for FUZZ_TIME seconds (60)"
	@echo "bench      what the module costs"
	@echo "lint       style, warnings of gcc and clang, cppcheck, documentation"
	@echo "install    into $(MODULE_DIR) (DESTDIR=, PREFIX=),"
	@echo "           with refer.h and refer.pc for other modules"
	@echo "uninstall  take it away again, but not what a package owns"
	@echo "dist       the tarball of the release, in $(BUILD)"
	@echo "deb        a package of Debian, in $(BUILD)"
	@echo "test-deb   install it in a new chroot and try it (root)"
	@echo "test-service  the same under a systemd, in a container (root)"
	@echo "examples   the modules and the program of examples/"
	@echo "deps       install what build and deb need, with apt"
	@echo "clean      remove $(BUILD)/"
