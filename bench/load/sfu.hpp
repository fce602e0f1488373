#pragma once

#include <string_view>

#include "load/generator.hpp"
#include "load/server_process.hpp"

namespace vis::bench {

/// A server under test, driven through its own signalling. Everything happens while the generator
/// runs; what a server refuses ends the benchmark with an exception.
class Sfu {
 public:
  virtual ~Sfu() = default;
  virtual std::string_view name() const = 0;
  virtual const ServerProcess& process() const = 0;

  virtual void open(const Room& room) = 0;
  /// Lets the member in, and publishes what it has.
  virtual void join(Member& member) = 0;
  /// Subscribes the member to everyone else in the room who has published by now.
  virtual void watch(Member& member) = 0;
};

/// The server's address in the network that bench/load/run makes.
inline constexpr const char* kServerAddress = "198.18.0.1";

/// The core that every server has for itself, and that of the generator.
inline constexpr unsigned kServerCore = 0;
inline constexpr unsigned kGeneratorCore = 1;

/// Every so many receivers there is one that decrypts what it gets.
inline constexpr std::size_t kReceiversPerWitness = 16;

}  // namespace vis::bench
