#
# unit.mk  Rules for the unit tests, the fuzzers and the ABI test
#
# Included by the top-level Makefile, of which it uses CC, OWN_CFLAGS, MKDIR,
# CORE_SRC, MOD_DIR and BUILD.
#

UNIT_DIR   := tests/unit
FUZZ_DIR   := tests/fuzz
FAKE_SRC   := fake_host.c fake_peer.c fake_wire.c log.c
UNIT_NAMES := $(patsubst $(UNIT_DIR)/%.c,%,$(wildcard $(UNIT_DIR)/unit_*.c))
FUZZ_NAMES := $(patsubst $(FUZZ_DIR)/%.c,%,$(wildcard $(FUZZ_DIR)/fuzz_*.c))
UNIT_REPLAY := $(FUZZ_NAMES:%=unit_%)
UNIT_PROGS := $(patsubst %,$(BUILD)/%,$(UNIT_NAMES) $(UNIT_REPLAY))
ASAN_PROGS := $(patsubst %,$(BUILD)/asan/%,$(UNIT_NAMES) $(UNIT_REPLAY))

UNIT_CFLAGS = $(OWN_CFLAGS) @$(HOST) -I$(UNIT_DIR) -I$(FUZZ_DIR) \
		-iquote $(MOD_DIR) -DBUILD='"$(BUILD)"' \
		-DTOP='"$(CURDIR)"'
SANITIZE   := -fsanitize=address,undefined -fno-sanitize-recover=all \
		-fno-omit-frame-pointer
FUZZ_CC    := clang -O1 $(SANITIZE) -fsanitize=fuzzer-no-link
ASAN_ENV   := ASAN_OPTIONS=detect_leaks=1:halt_on_error=1 \
		UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# what stands in the place of a function of libre, in this program only
$(BUILD)/unit_intercept $(BUILD)/asan/unit_intercept: \
		UNIT_WRAP := -Wl,--wrap=sip_listen

# what is not of the core
$(BUILD)/unit_guard: $(BUILD)/unit/core/host/format.o
$(BUILD)/asan/unit_guard: $(BUILD)/asan/unit/core/host/format.o

# an application; not in unit.a, for it has a sip_send() of its own
CONTEXT_NAMES := $(filter unit_context_%,$(UNIT_NAMES))
$(CONTEXT_NAMES:%=$(BUILD)/%): $(BUILD)/unit/context.o
$(CONTEXT_NAMES:%=$(BUILD)/asan/%): $(BUILD)/asan/unit/context.o

# refer_http's server; a program may have its own connections
HTTP_UNIT  := server receive conn events text request routes guard json props
HTTP_PROGS := unit_http_events unit_fuzz_http unit_fuzz_json
$(HTTP_PROGS:%=$(BUILD)/%): $(BUILD)/unit/http.a
$(HTTP_PROGS:%=$(BUILD)/asan/%): $(BUILD)/asan/unit/http.a
$(BUILD)/fuzz/fuzz_http $(BUILD)/fuzz/fuzz_json: $(BUILD)/fuzz/unit/http.a

# conversations
CORE_FUZZ := core_ops.o core_peers.o core_text.o
$(BUILD)/unit_fuzz_core: $(CORE_FUZZ:%=$(BUILD)/unit/fuzz/%)
$(BUILD)/asan/unit_fuzz_core: $(CORE_FUZZ:%=$(BUILD)/asan/unit/fuzz/%)
$(BUILD)/fuzz/fuzz_core: $(CORE_FUZZ:%=$(BUILD)/fuzz/unit/fuzz/%)

# $(1): directory of the objects, $(2): of the programs, $(3): compiler, with
# more flags
define unit_rules
$(1)/core/%.o: $(MOD_DIR)/%.c $(HOST)
	$$(MKDIR)
	$(3) $$(UNIT_CFLAGS) -c $$< -o $$@

$(1)/%.o: $(UNIT_DIR)/%.c $(HOST)
	$$(MKDIR)
	$(3) $$(UNIT_CFLAGS) -c $$< -o $$@

$(1)/fuzz/%.o: $(FUZZ_DIR)/%.c $(HOST)
	$$(MKDIR)
	$(3) $$(UNIT_CFLAGS) -c $$< -o $$@

$(1)/unit.a: $(CORE_SRC:%.c=$(1)/core/%.o) $(FAKE_SRC:%.c=$(1)/%.o)
	rm -f $$@
	$(AR) rcs $$@ $$^

$(1)/http/%.o: $(HTTP_DIR)/%.c $(API) $(HOST)
	$$(MKDIR)
	$(3) $$(HTTP_CFLAGS) -c $$< -o $$@

$(1)/http.a: $(HTTP_UNIT:%=$(1)/http/%.o) $(1)/fake_http.o
	rm -f $$@
	$(AR) rcs $$@ $$^

$(UNIT_NAMES:%=$(2)/%): $(2)/%: $(1)/%.o $(1)/unit.a
	$(3) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) \
		$$(sort $$(filter %.a,$$^)) $$(UNIT_WRAP) -lcmocka -lre

$(UNIT_REPLAY:%=$(2)/%): $(2)/unit_%: $(1)/fuzz/%.o $(1)/fuzz/replay.o \
		$(1)/unit.a
	$(3) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) \
		$$(sort $$(filter %.a,$$^)) -lcmocka -lre
endef

$(eval $(call unit_rules,$(BUILD)/unit,$(BUILD),$(CC)))
$(eval $(call unit_rules,$(BUILD)/asan/unit,$(BUILD)/asan,$(CC) $(SANITIZE)))
$(eval $(call unit_rules,$(BUILD)/fuzz/unit,$(BUILD)/fuzz/none,$(FUZZ_CC)))

# proves host/baresip1.h against the installed baresip
ABI_DIR    := tests/abi
UNIT_PROGS += $(BUILD)/unit_abi

$(BUILD)/abi.so: $(ABI_DIR)/abi_module.c $(HOST)
	$(MKDIR)
	$(CC) $(MOD_CFLAGS) -fPIC -fvisibility=hidden \
		-shared $(LDFLAGS) -o $@ $< -lre

$(BUILD)/unit_abi: $(ABI_DIR)/unit_abi.c $(BUILD)/abi.so \
		$(BUILD)/refer.so
	$(CC) $(UNIT_CFLAGS) $(LDFLAGS) -o $@ $< -lcmocka -lre

# one after another, and all of them even if one fails
run_progs = @bad=; for p in $(1); do $(2) $$p || bad="$$bad $$p"; done; \
	test -z "$$bad" || { echo "failed:$$bad"; exit 1; }

.PHONY: asan
asan: need-asan
	$(SUBMAKE) -s $(ASAN_PROGS) $(BUILD)/asan/leak
	@! $(ASAN_ENV) $(BUILD)/asan/leak 2>/dev/null || \
		{ echo "asan: leaks are not found here"; exit 1; }
	$(call run_progs,$(ASAN_PROGS),$(ASAN_ENV))

# shows that a leak is found
$(BUILD)/asan/leak: $(UNIT_DIR)/leak.c $(HOST)
	$(MKDIR)
	$(CC) $(UNIT_CFLAGS) -O0 $(SANITIZE) -o $@ $< -lre

# the fuzzers: clang's libFuzzer, and of the core what each calls
FUZZ_TIME  ?= 60
FUZZ       ?= $(FUZZ_NAMES)

$(FUZZ_NAMES:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: $(BUILD)/fuzz/unit/fuzz/%.o \
		$(BUILD)/fuzz/unit/unit.a
	$(FUZZ_CC) -fsanitize=fuzzer -o $@ $(filter %.o,$^) \
		$(sort $(filter %.a,$^)) -lcmocka -lre

# new finds go to build/fuzz/<target>.corpus/, inputs that fail to build/fuzz/
.PHONY: fuzz $(FUZZ_NAMES:%=run-%)
fuzz: need-fuzz
	$(SUBMAKE) $(FUZZ:%=$(BUILD)/fuzz/%)
	+@$(MAKE) --no-print-directory $(FUZZ:%=run-%)

$(FUZZ_NAMES:%=run-%): run-%: $(BUILD)/fuzz/%
	@mkdir -p $(BUILD)/fuzz/$*.corpus
	$(BUILD)/fuzz/$* -max_total_time=$(FUZZ_TIME) -max_len=4096 \
		-print_final_stats=1 -dict=$(FUZZ_DIR)/sip.dict \
		-artifact_prefix=$(BUILD)/fuzz/$*- \
		$(BUILD)/fuzz/$*.corpus $(FUZZ_DIR)/corpus/$*

.SECONDARY:
