#
# examples.mk  Rules for the examples, included by the top-level Makefile
#
# Uses CC, ALL_CFLAGS, APP, API and BUILD. docs/bots.md tells what they do. The
# modules see of refer.so what is installed, and stay in memory as it does.
#

EXAMPLES := $(BUILD)/guard.so $(BUILD)/receptionist.so $(BUILD)/report

$(BUILD)/guard.so $(BUILD)/receptionist.so: $(BUILD)/%.so: examples/%.c \
		$(API) $(HOST) | $(BUILD)/refer.so
	$(MKDIR)
	$(APP)

$(BUILD)/report: examples/report.c $(HOST)
	$(MKDIR)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -lre

.PHONY: examples
examples: $(EXAMPLES)
