#
# examples.mk  Rules for the examples, included by the top-level Makefile
#
# Uses CC, ALL_CFLAGS, MOD_DIR, HEADERS and BUILD. docs/bots.md tells what
# they do. The modules are linked with refer.so, and stay in memory as it does.
#

# For the installed baresip 1.x only: they use its events
EXAMPLES := $(if $(BARESIP),,$(BUILD)/guard.so $(BUILD)/receptionist.so) \
	    $(BUILD)/report

$(BUILD)/guard.so $(BUILD)/receptionist.so: $(BUILD)/%.so: examples/%.c \
		$(BUILD)/refer.so $(HEADERS) $(HOST)
	$(CC) $(MOD_CFLAGS) -iquote $(MOD_DIR) -fPIC -fvisibility=hidden -shared \
		$(LDFLAGS) -Wl,-z,nodelete -o $@ $< -L$(BUILD) -l:refer.so \
		-lre

$(BUILD)/report: examples/report.c | need-build
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -lre

.PHONY: examples
examples: $(EXAMPLES)
