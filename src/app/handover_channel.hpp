#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "media_io/file_descriptor.hpp"

namespace vis::app {

using media_io::FileDescriptor;

/// Messages between two servers of one data directory while one takes over from the other: JSON
/// objects, and with them file descriptors, over a local socket that keeps messages apart
/// (SOCK_SEQPACKET).
///
/// Control thread. Every failure ends the conversation: Unavailable when the other side is gone,
/// InvalidArgument for what is no message.
class HandoverChannel final {
 public:
  static constexpr std::size_t kMessageBytes = std::size_t{160} * 1024;
  static constexpr std::size_t kDescriptors = 16;  ///< Of one message.

  HandoverChannel(const boost::asio::any_io_executor& executor, FileDescriptor socket);

  struct Message {
    boost::json::object body;
    std::vector<FileDescriptor> descriptors;
  };
  Task<Result<void>> send(boost::json::object body, std::vector<int> descriptors = {});
  Task<Result<Message>> receive();

  /// A socket that others can connect to under this path.
  static Result<FileDescriptor> listen(const std::filesystem::path& path);
  /// NotFound when nobody listens there.
  static Result<FileDescriptor> connect(const std::filesystem::path& path);
  /// Whether the process at the other end runs as the same user, or as root.
  static bool is_ours(int socket);

 private:
  boost::asio::posix::stream_descriptor socket_;
};

}  // namespace vis::app
