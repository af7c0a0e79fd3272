#
# torture.mk  Rules for the torture, included by the top-level Makefile
#
# Uses CC, ALL_CFLAGS, MOD_CFLAGS and BUILD, of tests.mk WIRE_LIB and
# WIRE_CFLAGS, of unit.mk SANITIZE.
#
#   make torture                  10 minutes, from a new seed on
#   make torture T=3600 J=8       an hour, 8 runs at a time
#   make torture SEED=7           only this seed, and all that was seen
#   make torture NET=40           2,500 transfers while 40 % are lost; J, SEED
#
# The module is built with ASan and UBSan, and their library preloaded into the
# baresip: a build of its own with them (tools/instrumented) shows the faults
# of baresip and libre, too.
#

TORTURE_CFLAGS := -fsanitize=address,undefined -fsanitize-recover=address \
		-fno-omit-frame-pointer -O1 -g
TORTURE_OBJS := $(patsubst tests/torture/%.c,$(BUILD)/torture.o/%.o,\
		$(filter-out %/clock.c,$(wildcard tests/torture/*.c)))
TORTURE_LIB := $(filter-out %/main.o %/t_%.o,$(TORTURE_OBJS))
TORTURE_DEPS := $(BUILD)/asan/refer.so $(BUILD)/asan/refer_http.so \
		$(BUILD)/clock.so

WIRE_DEPS  += $(TORTURE_DEPS)

$(BUILD)/asan/mod/%.o: $(MOD_DIR)/%.c $(HOST)
	$(MKDIR)
	$(CC) $(MOD_CFLAGS) $(TORTURE_CFLAGS) -fPIC -fvisibility=hidden \
		-c $< -o $@

$(BUILD)/asan/refer.so: $(SRC:%.c=$(BUILD)/asan/mod/%.o)
	$(CC) -shared $(TORTURE_CFLAGS) $(LDFLAGS) -Wl,-z,nodelete \
		-Wl,-soname,refer.so -o $@ $^

$(BUILD)/asan/http/%.o: $(HTTP_DIR)/%.c $(API) $(HOST)
	$(MKDIR)
	$(CC) $(HTTP_CFLAGS) $(TORTURE_CFLAGS) -fPIC -fvisibility=hidden \
		-c $< -o $@

$(BUILD)/asan/http/files.o: $(BUILD)/http/page.h $(HTTP_DIR)/openapi.json

$(BUILD)/asan/refer_http.so: $(HTTP_OBJ:$(BUILD)/%=$(BUILD)/asan/%) \
		$(BUILD)/asan/refer.so
	$(CC) -shared $(TORTURE_CFLAGS) $(LDFLAGS) -Wl,-z,nodelete \
		-Wl,-soname,refer_http.so -o $@ $(filter %.o,$^) \
		-L$(BUILD)/asan -l:refer.so

$(BUILD)/clock.so: tests/torture/clock.c
	$(MKDIR)
	$(CC) $(OWN_CFLAGS) -fPIC -shared -o $@ $<

$(BUILD)/torture.o/%.o: tests/torture/%.c $(HOST)
	$(MKDIR)
	$(CC) $(WIRE_CFLAGS) -Itests/torture -c -o $@ $<

$(BUILD)/wire: $(filter-out %/main.o,$(TORTURE_OBJS))

$(BUILD)/torture.bin: $(TORTURE_LIB) $(BUILD)/torture.o/main.o \
		$(WIRE_LIB:%=$(BUILD)/wire.o/%.o)
	$(CC) $(LDFLAGS) -o $@ $^ -lre

.PHONY: torture
torture: need-test
	$(SUBMAKE) -s $(BUILD)/torture.bin $(WIRE_DEPS)
	$(BUILD)/torture.bin $(if $(NET),-n $(NET)) $(if $(T),-t $(T)) \
		$(if $(J),-j $(J)) $(if $(SEED),$(if $(T),-s,-1) $(SEED))
