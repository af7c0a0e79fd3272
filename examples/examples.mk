#
# examples.mk  Rules for the examples, included by the top-level Makefile
#
# Uses CC, ALL_CFLAGS, APP, API and BUILD. docs/bots.md tells what they do. The
# modules see of refer.so what is installed, and stay in memory as it does.
#

EXAMPLES := $(BUILD)/guard.so $(BUILD)/receptionist.so $(BUILD)/report \
	    $(if $(filter-out 1.%,$(VERSION)),$(BUILD)/embed)

$(BUILD)/guard.so $(BUILD)/receptionist.so: $(BUILD)/%.so: examples/%.c \
		$(API) $(HOST) | $(BUILD)/refer.so
	$(MKDIR)
	$(APP)

$(BUILD)/report: examples/report.c $(HOST)
	$(MKDIR)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -lre

# For a program that embeds baresip. Without weak.h: what is weak is not taken
# out of an archive
$(BUILD)/static/%.o: $(MOD_DIR)/%.c $(HOST)
	$(MKDIR)
	$(CC) $(OWN_CFLAGS) @$(HOST) -iquote $(MOD_DIR) -DSTATIC -fPIC \
		-fvisibility=hidden -c $< -o $@

$(BUILD)/librefer.a: $(SRC:%.c=$(BUILD)/static/%.o)
	rm -f $@
	ar rc $@ $^

# and with the baresip in BARESIP; of a static one, say EMBED_LIBS
COMMA      := ,
EMBED_LIBS ?= $(LIBS) $(addprefix -Wl$(COMMA)-rpath$(COMMA),$(dir $(LIBS)))

$(BUILD)/embed: examples/embed.c $(BUILD)/librefer.a $(API) $(HOST)
	$(MKDIR)
	$(CC) $(OWN_CFLAGS) -I$(BUILD)/include @$(HOST) \
		-DMODULES='"$(MODULE_DIR)"' $(LDFLAGS) -o $@ $< \
		$(BUILD)/librefer.a $(EMBED_LIBS) -lpthread

.PHONY: examples
examples: $(EXAMPLES)
