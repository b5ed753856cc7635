#!/bin/sh
# usage: kernel_symbols.sh NM OBJECT...
# The objects compiled once per instruction set may define their table and no other external symbol: a weak symbol (an inline
# function, a template) compiled with AVX-512 could be the one that the linker keeps, and older processors would crash.
nm=$1
shift
checked=0
bad=0
for object in "$@"; do
  case $object in */isa_*) ;; *) continue ;; esac
  symbols=$("$nm" --demangle --defined-only --extern-only "$object") || exit 1
  checked=$((checked + 1))
  found=$(printf '%s\n' "$symbols" | grep -v -e '^$' -e ' B __odr_asan\.' -e ' [RD] plainsight::[a-z0-9]*::table$')
  if [ -n "$found" ]; then
    printf '%s defines symbols that other files could be linked to:\n%s\n' "$object" "$found"
    bad=1
  fi
done
echo "$checked objects checked"
[ $checked -gt 0 ] && [ $bad -eq 0 ]
