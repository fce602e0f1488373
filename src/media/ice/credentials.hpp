#pragma once

#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace vis::media::ice {

/// The short-term credentials of one side for one ICE generation (RFC 8445 section 5.3). The
/// fragment names the generation in public; the password proves knowledge of the description.
struct Credentials {
  std::string ufrag;
  Secret password;

  /// 16 characters (about 93 bits, so unique among all agents of a server) and 32 (186 bits). The
  /// fragment begins with `prefix`, a few characters that tell those of one engine.
  static Credentials generate(RandomSource& random, std::string_view prefix = {});
  /// What a peer's description says: 4 to 256 and 22 to 256 of the characters that RFC 8839
  /// section 5.4 allows, else InvalidArgument.
  static Result<Credentials> parse(std::string_view ufrag, std::string_view password);

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace vis::media::ice
