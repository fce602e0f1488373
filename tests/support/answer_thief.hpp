#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "support/temp_directory.hpp"

namespace vis::test {

/// Stands between a PostgreSQL client and its server. Armed, it lets the next `commit` through,
/// waits until the server has answered, and cuts the connection without passing the answer on: the
/// client cannot know what became of its transaction.
class AnswerThief final {
 public:
  explicit AnswerThief(const std::filesystem::path& server_directory);
  ~AnswerThief();
  AnswerThief(const AnswerThief&) = delete;
  AnswerThief& operator=(const AnswerThief&) = delete;

  /// Where clients find it, as a server's socket directory.
  const std::filesystem::path& socket_directory() const { return directory_.path(); }

  void steal_next_commit() { armed_ = true; }
  bool has_stolen() const { return stolen_; }

 private:
  void accept_clients();
  void serve(int client);
  bool forward_request(int client, int server);
  static bool forward_answer(int server, int client);

  TempDirectory directory_;
  std::filesystem::path server_socket_;
  int listener_ = -1;
  std::atomic<bool> armed_ = false;
  std::atomic<bool> stolen_ = false;
  std::vector<std::jthread> connections_;
  std::jthread acceptor_;
};

}  // namespace vis::test
