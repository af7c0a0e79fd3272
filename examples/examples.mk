#
# examples.mk  Rules for the examples, included by the top-level Makefile
#
# Uses CC, OWN_CFLAGS, ALL_CFLAGS, MOD_DIR and BUILD. docs/bots.md
# tells what they do. The modules are linked with refer.so, and stay in memory
# as it does.
#

EXAMPLES := $(BUILD)/guard.so $(BUILD)/receptionist.so $(BUILD)/report

# what baresip 1.x, and 4.x, lacks of the names that they use
EXAMPLES_SRC := $(MOD_DIR)/compat/bevent1.c $(MOD_DIR)/compat/log4.c

$(BUILD)/guard.so $(BUILD)/receptionist.so: $(BUILD)/%.so: examples/%.c \
		$(EXAMPLES_SRC) $(BUILD)/refer.so $(HOST)
	$(CC) $(OWN_CFLAGS) @$(HOST) -iquote $(MOD_DIR) -fPIC \
		-fvisibility=hidden -shared $(LDFLAGS) -Wl,-z,nodelete -o $@ \
		$< $(EXAMPLES_SRC) -L$(BUILD) -l:refer.so

$(BUILD)/report: examples/report.c $(HOST)
	$(MKDIR)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -lre

.PHONY: examples
examples: $(EXAMPLES)
