#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vis::app {

/// How many insertions, deletions, replacements and swaps of neighbours turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word with the least distance to `word`; the first of several. `known` is not empty.
const std::string& nearest(std::string_view word, std::span<const std::string> known);

}  // namespace vis::app
