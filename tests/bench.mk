#
# bench.mk  Rules for the benchmark, included by the top-level Makefile
#
# Uses CC, ALL_CFLAGS and BUILD, and of tests.mk WIRE_LIB and WIRE_CFLAGS:
# processes and network are those of the wire tests, setup.c
# stands in for their test.c.
#
#   make bench                       all loads and the soak
#   make bench BENCH=soak            10,000 transfers in a row, 1,000 at once
#   make bench BENCH=flood           100,000 messages of each kind
#   make bench BENCH=fleet           1 to 8 bots behind kamailio
#   make bench BENCH=callgrind       count instructions
#   make bench BENCH=peers           the same transfers, done by others
#                                    (PJSUA=PREFIX, ASTERISK=PREFIX)
#   make bench BENCH=null            no module on either side: the noise
#   make bench BENCH="-v calls"      only the load calls, print each pair
#   make bench BENCH="-m x/refer.so" another build of the module
#

BENCH_OBJS := $(patsubst tests/bench/%.c,$(BUILD)/bench.o/%.o,\
	      $(sort $(wildcard tests/bench/*.c)))
BENCH_WIRE := $(patsubst %,$(BUILD)/wire.o/%.o,\
	      $(filter-out test,$(WIRE_LIB)))

$(BUILD)/bench.o/%.o: tests/bench/%.c $(HOST)
	$(MKDIR)
	$(CC) $(WIRE_CFLAGS) -c -o $@ $<

# an archive: only those files are linked that the benchmark needs
$(BUILD)/bench.o/wire.a: $(BENCH_WIRE)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/bench: $(BENCH_OBJS) $(BUILD)/bench.o/wire.a
	$(CC) $(LDFLAGS) -o $@ $^ -lre -lm

$(BUILD)/floor: tests/floor.c $(HOST)
	$(MKDIR)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -lre

# SIP.js is one of the peers
BENCH_PEERS := $(if $(findstring peers,$(BENCH)),$(INTEROP_DEPS))

.PHONY: bench
bench: need-bench
	$(SUBMAKE) $(BUILD)/bench $(BUILD)/refer.so $(BUILD)/refer_http.so \
		$(BUILD)/floor $(BUILD)/address.so \
		$(BUILD)/decide.so $(BENCH_PEERS)
	$(BUILD)/bench $(BENCH)
