#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vis::http {

/// A frame as a client sends it, right or wrong.
struct ClientFrame {
  unsigned opcode = 2;
  std::string payload = {};
  bool final = true;
  unsigned reserved = 0;  ///< RSV1 is 4, RSV2 is 2, RSV3 is 1.
  bool masked = true;
  unsigned length_code = 0;   ///< Forces 126 or 127.
  std::uint64_t claimed = 0;  ///< Announced instead of the real length.

  std::string bytes() const {
    const std::uint64_t size = claimed != 0 ? claimed : payload.size();
    const unsigned code = length_code != 0 ? length_code
                          : size < 126     ? static_cast<unsigned>(size)
                          : size <= 0xFFFF ? 126
                                           : 127;
    std::string out;
    out += static_cast<char>((final ? 0x80U : 0U) | (reserved << 4) | opcode);
    out += static_cast<char>((masked ? 0x80U : 0U) | code);
    const int length_bytes = code == 127 ? 8 : code == 126 ? 2 : 0;
    for (int i = length_bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i));
    static constexpr std::string_view kMask = "\x12\x34\x56\x78";
    if (masked) out += kMask;
    for (std::size_t i = 0; i < payload.size(); ++i) {
      const int key = masked ? kMask[i % 4] : 0;
      out += static_cast<char>(payload[i] ^ key);
    }
    return out;
  }
};

}  // namespace vis::http
