#
# tests.mk  Rules for the tests, included by the top-level Makefile
#
# Uses CC, ALL_CFLAGS and BUILD. Targets: $(BUILD)/wire (the wire tests),
# $(BUILD)/run (the runner), $(BUILD)/demo, and WIRE_DEPS, which is what the
# wire tests need besides refer.so. EXAMPLES is of examples.mk.
#

WIRE_ALL  := $(patsubst tests/wire/%.c,%,$(sort $(wildcard tests/wire/*.c)))
WIRE_LIB  := $(filter-out main t_%,$(WIRE_ALL))
# not optimised: they wait, and are compiled in half the time
WIRE_CFLAGS = $(ALL_CFLAGS) -O0 -Itests/wire -DTOP='"$(CURDIR)"' \
	       -DBUILD='"$(BUILD)"' -DRELEASE='"$(RELEASE)"' \
	       -DPREFIX='"$(or $(BARESIP),/usr)"' \
	       -DHOST="\"$$(tools/host -v $(BARESIP))\"" \
	       -DASAN_LIBS="\"$$($(CC) -print-file-name=libasan.so):$$( \
	       $(CC) -print-file-name=libubsan.so)\""

WIRE_DEPS := $(BUILD)/cert.pem $(BUILD)/faulty/refer.so \
	     $(BUILD)/faulty-g/refer.so $(BUILD)/faulty-asan/refer.so \
	     $(BUILD)/address.so $(BUILD)/answer.so $(BUILD)/tone.so \
	     $(BUILD)/alien/refer.so \
	     $(BUILD)/handlers.so $(BUILD)/inviter.so $(BUILD)/demo $(EXAMPLES)

# each folder's are beside those of wire/
define WIRE_OBJECTS
$(BUILD)/wire.o/%.o: tests/$(1)/%.c $$(HOST)
	$$(MKDIR)
	$$(CC) $$(WIRE_CFLAGS) -c -o $$@ $$<
endef
$(foreach dir,wire interop fleet foreign,$(eval $(call WIRE_OBJECTS,$(dir))))

$(BUILD)/wire: $(WIRE_ALL:%=$(BUILD)/wire.o/%.o)
	$(CC) $(LDFLAGS) -o $@ $^ -lre -lcrypto

$(BUILD)/demo: tests/demo.c $(WIRE_LIB:%=$(BUILD)/wire.o/%.o)
	$(CC) $(WIRE_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c %.o,$^) -lre

# against other people's user agents, which are big packages
INTEROP := $(patsubst tests/interop/%.c,%,$(wildcard tests/interop/*.c)) main

$(BUILD)/interop: $(patsubst %,$(BUILD)/wire.o/%.o,$(INTEROP) $(WIRE_LIB))
	$(CC) $(LDFLAGS) -o $@ $^ -lre

# a fleet of bots under load
FLEET := $(patsubst tests/fleet/%.c,%,$(wildcard tests/fleet/*.c)) main

$(BUILD)/fleet: $(patsubst %,$(BUILD)/wire.o/%.o,$(FLEET) $(WIRE_LIB))
	$(CC) $(LDFLAGS) -o $@ $^ -lre

# suites of others, whose places are variables: make test-foreign
FOREIGN := $(patsubst tests/foreign/%.c,%,$(wildcard tests/foreign/*.c)) main typed

$(BUILD)/foreign: $(patsubst %,$(BUILD)/wire.o/%.o,$(FOREIGN) $(WIRE_LIB))
	$(CC) $(LDFLAGS) -o $@ $^ -lre

# SIP.js and JsSIP in the releases of the lock file, and scripts to run them
JS_DIR := $(BUILD)/npm
INTEROP_DEPS := $(JS_DIR)/node_modules/.package-lock.json \
		$(patsubst tests/interop/js/%,$(JS_DIR)/%,$(wildcard \
		tests/interop/js/*.mjs))

$(JS_DIR)/%: tests/interop/js/%
	@install -D -m 644 $< $@

$(JS_DIR)/node_modules/.package-lock.json: $(JS_DIR)/package.json \
		$(JS_DIR)/package-lock.json
	cd $(JS_DIR) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(BUILD)/run: tests/run.c
	$(MKDIR)
	$(CC) $(ALL_CFLAGS) -DBUILD='"$(BUILD)"' $(LDFLAGS) -o $@ $<

# for TLS, both of the peers and of the baresip under test
$(BUILD)/cert.pem:
	@mkdir -p $(@D)
	openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=test \
		-keyout $@.key -out $@.crt 2>/dev/null
	cat $@.key $@.crt > $@ && rm $@.key $@.crt

$(BUILD)/address.so: tests/address.c
	$(MKDIR)
	$(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $< -ldl

$(BUILD)/answer.so $(BUILD)/tone.so: $(BUILD)/%.so: tests/%.c $(HOST)
	$(MKDIR)
	$(CC) $(MOD_CFLAGS) -fPIC -fvisibility=hidden -shared \
		-Wl,-z,nodelete -o $@ $<

# applications, as the examples are; decide.so is of bench.mk
$(BUILD)/handlers.so $(BUILD)/inviter.so $(BUILD)/decide.so: \
		$(BUILD)/%.so: tests/%.c $(API) \
		$(HOST) | $(BUILD)/refer.so
	$(MKDIR)
	$(APP)

NODELETE := -Wl,-z,nodelete

# built for another baresip, by its own word
$(BUILD)/alien/refer.so: $(MOD_OBJ)
	$(MKDIR)
	$(CC) $(MOD_CFLAGS) -UHOST_VERSION -DHOST_VERSION='"9.9.9"' \
		-ULIBRE_VERSION -DLIBRE_VERSION='"9.9.8"' -fPIC \
		-fvisibility=hidden -shared -Wl,-z,nodelete -o $@ \
		$(MOD_DIR)/host/version.c $(filter-out %/version.o,$(MOD_OBJ))

# the one for Debian's baresip, to be loaded into a 3.x or 4.x
ifneq ($(BARESIP),)
WIRE_DEPS += $(BUILD)/other/refer.so

$(BUILD)/other/refer.so: FORCE
	@mkdir -p $(@D)
	+@$(MAKE) --no-print-directory -s BARESIP= build/refer.so
	@cp build/refer.so $@
endif

# once found by the object's path, once by the source's (as of #line)
$(BUILD)/faulty/refer.so: tests/faulty.c
	$(MKDIR)
	$(CC) $(ALL_CFLAGS) -g0 -O0 -fPIC -shared $(NODELETE) -o $@ $< -lre

$(BUILD)/faulty-asan/refer.so: FAULTY_CFLAGS = $(TORTURE_CFLAGS)
$(BUILD)/faulty-g/refer.so $(BUILD)/faulty-asan/refer.so: tests/faulty.c
	$(MKDIR)
	(echo '#line 1 "modules/refer/faulty.c"'; cat $<) >$(@D)/faulty.c
	$(CC) $(ALL_CFLAGS) -g -O0 $(FAULTY_CFLAGS) -fPIC -shared \
		$(NODELETE) -o $@ $(@D)/faulty.c -lre
