#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace vis::test {

/// A program run beside the test, its standard output read line by line. Killed when it is still
/// there at the end.
class ChildProcess final {
 public:
  explicit ChildProcess(std::vector<std::string> arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The next complete line; nothing once the program has ended and all lines were read.
  std::optional<std::string> read_line();
  /// Sends SIGKILL and waits for the end. Lines written before it can still be read.
  void kill();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffer_;
};

}  // namespace vis::test
