#pragma once

#include <string>

namespace vis::app {

/// A TOML file with every option, its explanation and its default, each commented out.
std::string sample_config();

/// The reference of every option as Markdown: docs/guides/configuration.md.
std::string config_guide();

}  // namespace vis::app
