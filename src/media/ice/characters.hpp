#pragma once

#include <algorithm>
#include <string_view>

namespace vis::media::ice {

/// The `ice-char` of RFC 8839 section 5.1.
inline bool are_ice_characters(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  });
}

}  // namespace vis::media::ice
