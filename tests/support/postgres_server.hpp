#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace vis::test {

/// A real PostgreSQL 15 server for tests: its own data directory under /tmp, reachable by a Unix
/// socket alone, run as `nobody` when the tests run as root (it refuses to be root). Without
/// fsync, since no test cuts the power. Everything that fails throws with the server's own words.
///
/// A shell beside it stops the server and removes its files once the test program is gone, however
/// it went.
class PostgresServer final {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// The server shared by all tests of a program: started on first use, stopped at exit.
  static PostgresServer& shared();

  void start();
  /// As after kill -9: no transaction is finished, the next start recovers from the log.
  void crash();

  /// Makes an empty database and returns its URL.
  std::string create_database();
  /// Where the server's socket is.
  const std::filesystem::path& socket_directory() const { return directory_; }
  /// Runs a script of SQL (psql meta commands included) in the database at `url`.
  void run_script(std::string_view url, const std::filesystem::path& script) const;

 private:
  std::string control(const std::string& arguments) const;

  std::filesystem::path directory_;
  std::FILE* caretaker_ = nullptr;  ///< Its standard input: closed, it cleans up and ends.
  int databases_ = 0;
};

}  // namespace vis::test
