#pragma once

#include "app/config/config.hpp"

namespace vis::app {

/// `visavis serve`: builds every part of the server, runs until SIGTERM or SIGINT, drains and
/// stops. SIGHUP reads the TLS certificate again. Returns the exit code of the process; what went
/// wrong is in the log.
int serve(const Config& config);

}  // namespace vis::app
