#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/ids.hpp"

namespace vis::api::v1 {

/// What a guest's token shall say: the right to join one room, to send and to receive there, and to
/// change one's own name.
struct GuestPass {
  core::ProjectId project;
  std::string room;
  std::string identity;
  std::string name;
  WallTime from{};
  Duration validity{};
};

/// Makes tokens of the room protocol; implemented by whoever knows that dialect.
class TokenMinter {
 public:
  virtual ~TokenMinter() = default;

  /// Unavailable while the project has no key to sign with.
  virtual Result<std::string> mint(const GuestPass& pass) = 0;
};

}  // namespace vis::api::v1
