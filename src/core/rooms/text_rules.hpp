#pragma once

#include <string_view>

#include "base/result.hpp"
#include "core/rooms/model.hpp"

/// What texts of people and integrators may be: valid UTF-8 without NUL (databases and protobuf
/// take nothing else), within the limits of base/limits/.
namespace vis::core::rooms {

/// Not empty.
Result<void> check_room_name(std::string_view name);
/// Not empty.
Result<void> check_identity(std::string_view identity);

/// The descriptive fields of a participant, or those of them that one wants to set.
struct Description {
  std::string_view name;
  std::string_view metadata;
  const Attributes& attributes;
};
/// `too_long` is the code of the error about a text over its limit; a malformed one is always
/// InvalidArgument.
Result<void> check_description(const Description& description, Errc too_long);

Result<void> check_metadata(std::string_view metadata, Errc too_long);
/// Metadata and tags.
Result<void> check_room_options(const RoomOptions& options);

}  // namespace vis::core::rooms
