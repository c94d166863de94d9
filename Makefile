# The short names of what this repository does. Each target installs what is missing and hands over to
# `cargo xtask`; there is no logic here.

# Given as `make run MEMORY=64M`, or in the environment:
#   SCREEN   what shows the machine's screen: window, curses or none
#   MEMORY   the machine's memory, 128M unless told
#   CMDLINE  the kernel's command line
#   APPS     the apps to load, such as "hello blink*3"; none for none
#   ACCEL    QEMU's accelerator, tcg unless told
#   SECONDS_EACH   how long each target is fuzzed, 60 unless told
export SCREEN MEMORY CMDLINE APPS ACCEL SECONDS_EACH

.PHONY: help run test fuzz bench debug image build apps docs clean

help:
	@echo 'make run     start the kernel in QEMU, with its serial line in this terminal'
	@echo 'make test    run all tests: on the host, of interleavings, with fuzzed inputs, and in QEMU'
	@echo 'make fuzz    fuzz the parsers and the dispatcher, and say how many inputs they took'
	@echo 'make bench   count instructions and bytes, and compare them with the design'
	@echo 'make debug   as run, but wait for gdb before the first instruction'
	@echo 'make image   make target/capsa.iso, a CD that starts the kernel'
	@echo 'make build   build the kernel'
	@echo 'make apps    build the apps, and make target/apps/bundle of those in APPS'
	@echo 'make docs    build the book in target/book'
	@echo 'make clean   remove everything that was built'

run debug bench:
	@tools/setup build run && cargo xtask $@

build apps:
	@tools/setup build && cargo xtask $@

image:
	@tools/setup build image && cargo xtask image

test:
	@tools/setup build run image && cargo xtask test

fuzz:
	@tools/setup build fuzz && cargo xtask fuzz

docs:
	@tools/setup build docs && cargo xtask docs

clean:
	@rm -rf target apps/target
