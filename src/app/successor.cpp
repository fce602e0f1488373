#include "app/successor.hpp"

#include <spawn.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace vis::app {
namespace {

constexpr const char* kTakeOver = "--take-over";
/// What Linux adds to the name of a program whose file has been replaced.
constexpr std::string_view kReplaced = " (deleted)";

Result<std::string> program_path() {
  std::error_code failure;
  std::string path = std::filesystem::read_symlink("/proc/self/exe", failure).string();
  if (failure) return fail(Errc::Unavailable, "this program's file is not known");
  if (path.ends_with(kReplaced)) path.resize(path.size() - kReplaced.size());
  return path;
}

std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string word; std::getline(file, word, '\0');) {
    if (word != kTakeOver) arguments.push_back(word);
  }
  return arguments;
}

}  // namespace

Result<pid_t> start_successor() {
  const auto program = program_path();
  if (!program) return std::unexpected(program.error());
  std::vector<std::string> arguments = own_arguments();
  arguments.emplace_back(kTakeOver);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int failure =
      ::posix_spawn(&child, program->c_str(), nullptr, nullptr, pointers.data(), environ);
  if (failure == 0) return child;
  return fail(Errc::Unavailable, *program + ": " + std::strerror(failure));
}

}  // namespace vis::app
