#pragma once

#include <string_view>

/// The test vectors of RFC 5769, in hexadecimal.
namespace vis::media::stun::vectors {

inline constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

/// Section 2.1. A request, padded with spaces.
inline constexpr std::string_view kRequest =
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "802200105354554e207465737420636c69656e74"
    "002400046e0001ff"
    "80290008932ff9b151263b36"
    "000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004e57a3bcf";

/// Section 2.2. A response with an IPv4 address.
inline constexpr std::string_view kResponseV4 =
    "0101003c2112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96";

/// Section 2.3. A response with an IPv6 address.
inline constexpr std::string_view kResponseV6 =
    "010100482112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004c8fb0b4c";

}  // namespace vis::media::stun::vectors
