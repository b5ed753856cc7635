#pragma once

#include <cstdint>

/// Constants of the zip format (PKWARE's APPNOTE.TXT, sections 4.3 and 4.5), for the reader and the writer.
namespace plainsight::convert::zip {

inline constexpr std::uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50;
inline constexpr std::uint32_t kEndSignature = 0x06054b50, kEnd64Signature = 0x06064b50,
                               kLocator64Signature = 0x07064b50;
inline constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56,
                             kLocator64Size = 20;
inline constexpr std::uint16_t kExtra64 =
    0x0001;  // extra field: the 64-bit forms of fields that say "see there"
inline constexpr std::uint16_t kFlagDescriptor =
    1 << 3;  // sizes and CRC follow the data; the local header has zeros
inline constexpr std::uint16_t kFlagUtf8 = 1 << 11;
inline constexpr std::uint32_t kSeeExtra32 = 0xffffffff;
inline constexpr std::uint16_t kSeeExtra16 = 0xffff;

}  // namespace plainsight::convert::zip
