#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace vis::bench {

/// A directory that is removed with its owner.
class TemporaryFolder final {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// A server under load: all its threads on one core, its output in a file. Ended with its owner, by
/// its own process id, and by the kernel should we die.
class ServerProcess final {
 public:
  struct Options {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;  ///< `NAME=value`, beside ours.
    std::filesystem::path log;
    unsigned core = 0;
  };
  explicit ServerProcess(const Options& options);
  /// One that somebody else has started, and will end. 0 = it is not known which, nor what it uses.
  explicit ServerProcess(pid_t running) : pid_(running), ours_(false) {}
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  bool running() const;
  /// What all its threads have used so far.
  Duration cpu_time() const;
  std::uint64_t resident_bytes() const;
  /// The end of its output.
  std::string last_words() const;

 private:
  std::filesystem::path log_;
  pid_t pid_ = -1;
  bool ours_ = true;
};

/// This process, this thread.
Duration own_cpu_time();
void run_on_core(unsigned core);

/// A TCP or UDP port on which nobody listens now.
std::uint16_t free_tcp_port();
std::uint16_t free_udp_port();

}  // namespace vis::bench
