#pragma once

#include <exception>

#include "base/result.hpp"

namespace vis::storage {

/// What an exception of SOCI or of a database means to the caller; the only place that knows their
/// codes. The message of an Error of ours is general, since the database's own may quote data; it
/// goes to the log, unless the failure is one that callers cause in normal operation.
///
/// AlreadyExists: a unique key is taken. FailedPrecondition: a foreign key points nowhere.
/// InvalidArgument: a value the schema does not allow. Unavailable: cannot now, such as a lost
/// connection, a full disk or a lock held too long. Internal: anything else.
Error to_error(const std::exception& failure);

}  // namespace vis::storage
