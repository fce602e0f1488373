#pragma once

#include <sys/types.h>

#include "base/result.hpp"

namespace vis::app {

/// Starts the program again as it is on the disk now, with the arguments of this process and
/// `--take-over`: the new one asks this one for its sockets and rooms. Returns its process id.
Result<pid_t> start_successor();

}  // namespace vis::app
