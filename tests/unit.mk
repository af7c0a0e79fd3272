#
# unit.mk  Rules for the unit tests, the fuzzers and the ABI test
#
# Included by the top-level Makefile, of which it uses CC, ALL_CFLAGS,
# CORE_SRC, MOD_DIR and BUILD.
#

UNIT_DIR   := tests/unit
FUZZ_DIR   := tests/fuzz
UNIT_HDR   := $(wildcard $(UNIT_DIR)/*.h $(FUZZ_DIR)/*.h \
		$(MOD_DIR)/*.h $(MOD_DIR)/compat/*.h)
FAKE_SRC   := fake_host.c fake_peer.c fake_wire.c log.c
UNIT_NAMES := $(patsubst $(UNIT_DIR)/%.c,%,$(wildcard $(UNIT_DIR)/unit_*.c))
FUZZ_NAMES := $(patsubst $(FUZZ_DIR)/%.c,%,$(wildcard $(FUZZ_DIR)/fuzz_*.c))
UNIT_REPLAY := $(FUZZ_NAMES:%=unit_%)
UNIT_PROGS := $(patsubst %,$(BUILD)/%,$(UNIT_NAMES) $(UNIT_REPLAY))
ASAN_PROGS := $(patsubst %,$(BUILD)/asan/%,$(UNIT_NAMES) $(UNIT_REPLAY))

UNIT_CFLAGS := $(OWN_CFLAGS) @$(HOST) -I$(UNIT_DIR) -I$(FUZZ_DIR) \
		-iquote $(MOD_DIR) -DBUILD='"$(BUILD)"' \
		-DTOP='"$(CURDIR)"'
SANITIZE   := -fsanitize=address,undefined -fno-sanitize-recover=all \
		-fno-omit-frame-pointer
ASAN_ENV   := ASAN_OPTIONS=detect_leaks=1:halt_on_error=1 \
		UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# what stands in the place of a function of libre, in this program only
$(BUILD)/unit_intercept $(BUILD)/asan/unit_intercept: \
		UNIT_WRAP := -Wl,--wrap=sip_listen

# what is not of the core
GUARD_OBJ := core/compat/format1.o core/compat/event0.o core/compat/event1.o
$(BUILD)/unit_guard: $(addprefix $(BUILD)/unit/,$(GUARD_OBJ))
$(BUILD)/asan/unit_guard: $(addprefix $(BUILD)/asan/unit/,$(GUARD_OBJ))

# an application; not in unit.a, for it has a sip_send() of its own
CONTEXT_NAMES := $(filter unit_context_%,$(UNIT_NAMES))
$(CONTEXT_NAMES:%=$(BUILD)/%): $(BUILD)/unit/context.o
$(CONTEXT_NAMES:%=$(BUILD)/asan/%): $(BUILD)/asan/unit/context.o

# $(1): directory of the objects, $(2): of the programs, $(3): more flags,
# $(4): what sees to the packages
define unit_rules
$(1)/core/%.o: $(MOD_DIR)/%.c $(UNIT_HDR) $(HOST) | $(4)
	@mkdir -p $$(@D)
	$(CC) $(UNIT_CFLAGS) $(3) -c $$< -o $$@

$(1)/%.o: $(UNIT_DIR)/%.c $(UNIT_HDR) $(HOST) | $(4)
	@mkdir -p $$(@D)
	$(CC) $(UNIT_CFLAGS) $(3) -c $$< -o $$@

$(1)/fuzz/%.o: $(FUZZ_DIR)/%.c $(UNIT_HDR) $(HOST) | $(4)
	@mkdir -p $$(@D)
	$(CC) $(UNIT_CFLAGS) $(3) -c $$< -o $$@

$(1)/unit.a: $$(patsubst $(MOD_DIR)/%.c,$(1)/core/%.o,$(CORE_SRC)) \
		$$(patsubst %.c,$(1)/%.o,$(FAKE_SRC))
	rm -f $$@
	$(AR) rcs $$@ $$^

$(UNIT_NAMES:%=$(2)/%): $(2)/%: $(1)/%.o $(1)/unit.a
	$(CC) $(3) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) \
		$$(UNIT_WRAP) -lcmocka -lre

$(UNIT_REPLAY:%=$(2)/%): $(2)/unit_%: $(1)/fuzz/%.o $(1)/fuzz/replay.o \
		$(1)/unit.a
	$(CC) $(3) $(LDFLAGS) -o $$@ $$^ -lcmocka -lre
endef

$(eval $(call unit_rules,$(BUILD)/unit,$(BUILD),,need-test))
$(eval $(call unit_rules,$(BUILD)/asan/unit,$(BUILD)/asan,$(SANITIZE),need-asan))

# proves compat/baresip1.h against the installed baresip
ABI_DIR    := tests/abi
UNIT_PROGS += $(BUILD)/unit_abi

$(BUILD)/abi.so: $(ABI_DIR)/abi_module.c $(UNIT_HDR) $(HOST) | need-test
	@mkdir -p $(@D)
	$(CC) $(MOD_CFLAGS) -iquote $(MOD_DIR) -fPIC -fvisibility=hidden \
		-shared $(LDFLAGS) -o $@ $< -lre

$(BUILD)/unit_abi: $(ABI_DIR)/unit_abi.c $(UNIT_HDR) $(BUILD)/abi.so \
		$(BUILD)/refer.so
	$(CC) $(UNIT_CFLAGS) $(LDFLAGS) -o $@ $< -lcmocka -lre

# one after another, and all of them even if one fails
run_progs = @bad=; for p in $(1); do $(2) $$p || bad="$$bad $$p"; done; \
	test -z "$$bad" || { echo "failed:$$bad"; exit 1; }

.PHONY: unit
unit: $(UNIT_PROGS)
	$(call run_progs,$(UNIT_PROGS),)

.PHONY: asan
asan: need-asan
	+@$(MAKE) --no-print-directory -s -j2 $(ASAN_PROGS) $(BUILD)/asan/leak
	@! $(ASAN_ENV) $(BUILD)/asan/leak 2>/dev/null || \
		{ echo "asan: leaks are not found here"; exit 1; }
	$(call run_progs,$(ASAN_PROGS),$(ASAN_ENV))

# shows that a leak is found
$(BUILD)/asan/leak: $(UNIT_DIR)/leak.c | need-asan
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) -O0 $(SANITIZE) -o $@ $< -lre

# the fuzzers: clang's libFuzzer, with just the files that a target is about
FUZZ_TIME  ?= 60
FUZZ_CC    ?= clang
FUZZ_FLAGS := -std=c99 -D_GNU_SOURCE $(WARN) @$(HOST) -O1 -g \
		-I$(FUZZ_DIR) -iquote $(MOD_DIR) -I$(UNIT_DIR) \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ_SRC_fuzz_refer_to    := refer_to.c tel.c escape.c header.c \
			     replaces.c text.c
FUZZ_SRC_fuzz_replaces    := replaces.c text.c
FUZZ_SRC_fuzz_referred_by := $(CORE_SRC:$(MOD_DIR)/%=%)
FUZZ_HOST_fuzz_referred_by := $(FAKE_SRC:%=$(UNIT_DIR)/%)
FUZZ_SRC_fuzz_sipfrag     := sipfrag.c

$(FUZZ_NAMES:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: $(FUZZ_DIR)/%.c \
		$(wildcard $(MOD_DIR)/*.c) $(UNIT_HDR) $(HOST) | need-fuzz
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) -o $@ $< \
		$(addprefix $(MOD_DIR)/,$(FUZZ_SRC_$*)) $(FUZZ_HOST_$*) \
		-lcmocka -lre

# new finds go to build/fuzz/<target>.corpus/, inputs that fail to build/fuzz/
.PHONY: fuzz $(FUZZ_NAMES:%=run-%)
fuzz: $(FUZZ_NAMES:%=run-%)

$(FUZZ_NAMES:%=run-%): run-%: $(BUILD)/fuzz/%
	@mkdir -p $(BUILD)/fuzz/$*.corpus
	$(BUILD)/fuzz/$* -max_total_time=$(FUZZ_TIME) -max_len=4096 \
		-print_final_stats=1 -dict=$(FUZZ_DIR)/sip.dict \
		-artifact_prefix=$(BUILD)/fuzz/$*- \
		$(BUILD)/fuzz/$*.corpus $(FUZZ_DIR)/corpus/$*

.SECONDARY:
