#pragma once

#include "app/cli/cli.hpp"

namespace vis::app {

/// Does what the command line asks for, and returns the exit code of the process: 0, or 1 with a
/// sentence on standard error.
int execute(const Command& command);

}  // namespace vis::app
