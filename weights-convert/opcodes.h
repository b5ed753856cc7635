#pragma once

#include <string>

namespace plainsight::convert {

/// The opcodes that the unpickler knows; names and values as in Python's pickletools.
namespace op {
inline constexpr unsigned char MARK = '(', STOP = '.', NONE = 'N', NEWTRUE = 0x88, NEWFALSE = 0x89;
inline constexpr unsigned char BININT = 'J', BININT1 = 'K', BININT2 = 'M', LONG1 = 0x8a, BINFLOAT = 'G';
inline constexpr unsigned char BINSTRING = 'T', SHORT_BINSTRING = 'U', BINUNICODE = 'X',
                               SHORT_BINUNICODE = 0x8c;
inline constexpr unsigned char BINUNICODE8 = 0x8d, BINBYTES = 'B', SHORT_BINBYTES = 'C', BINBYTES8 = 0x8e;
inline constexpr unsigned char BYTEARRAY8 = 0x96;
inline constexpr unsigned char EMPTY_LIST = ']', APPEND = 'a', APPENDS = 'e', EMPTY_DICT = '}', SETITEM = 's';
inline constexpr unsigned char SETITEMS = 'u', EMPTY_TUPLE = ')', TUPLE = 't', TUPLE1 = 0x85, TUPLE2 = 0x86,
                               TUPLE3 = 0x87;
inline constexpr unsigned char BINGET = 'h', LONG_BINGET = 'j', BINPUT = 'q', LONG_BINPUT = 'r',
                               MEMOIZE = 0x94;
inline constexpr unsigned char GLOBAL = 'c', STACK_GLOBAL = 0x93, REDUCE = 'R', BUILD = 'b', BINPERSID = 'Q';
inline constexpr unsigned char PROTO = 0x80, FRAME = 0x95;
}  // namespace op

/// "REDUCE" for 'R'; known for every opcode of pickle, so that a refusal can name it.
/// "0x07" for what is none.
std::string opcode_name(unsigned char opcode);

}  // namespace plainsight::convert
