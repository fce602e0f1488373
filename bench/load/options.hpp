#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/time.hpp"

namespace vis::bench {

/// Any server that takes publishers over WHIP and players over WHEP.
struct WhipServer {
  std::string name = "other";
  /// URLs, in which `{room}`, `{peer}` and, for a player, `{publisher}` are replaced by names.
  std::string whip;
  std::string whep;
  /// Bearer tokens, one for each peer in the order in which they join; the last serves the rest.
  std::vector<std::string> tokens;
  std::string command;  ///< Starts the server; empty for one that runs already.
  pid_t pid = 0;        ///< Of one that runs already, to read what it uses; 0 = not known.
};

/// What the command line asks for.
struct Options {
  std::string server = "all";
  std::string load = "all";
  std::size_t first = 0;  ///< 0 = that of the load, as of the next.
  std::size_t most = 0;
  Duration each = 4s;
  WhipServer other;

  /// Whether servers are ours to start, in the network that bench/load/run makes.
  bool own_network() const { return other.whip.empty() || !other.command.empty(); }

  /// Throws std::invalid_argument, which says what is wrong.
  static Options parse(std::span<char* const> arguments);
};

}  // namespace vis::bench
