#pragma once

#include <string>
#include <vector>

#include "app/config/config.hpp"

namespace vis::app {

/// What no single option can tell: options that need one another, and the form of URLs and paths.
/// One sentence per problem, each beginning with the option it is about.
std::vector<std::string> problems_of(const Config& config);

}  // namespace vis::app
