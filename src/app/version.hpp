#pragma once

#include <string_view>

namespace vis::app {

/// Of this program; from the project's version in CMakeLists.txt.
inline constexpr std::string_view kVersion = VIS_VERSION;

}  // namespace vis::app
