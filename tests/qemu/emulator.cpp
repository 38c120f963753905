// SPDX-License-Identifier: BSD-3-Clause
//
// Starting QEMU, and talking to the agent through shared memory.
#include "tests/qemu/emulator.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace gotee::qemu {
namespace {

constexpr u32 kDramBase = kNormalDram.base.raw;
constexpr std::size_t kDramSize = std::size_t{512} << 20;
constexpr std::chrono::seconds kPatience{30};

}  // namespace

Emulator::Emulator() {
  std::string pattern = "/tmp/gotee-qemu-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no directory for QEMU's files"};
  directory_ = pattern;
  const int file = open((directory_ + "/dram").c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0 || ftruncate(file, off_t(kDramSize)) != 0)
    throw std::runtime_error{"no room for QEMU's memory"};
  void* memory = mmap(nullptr, kDramSize, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) throw std::runtime_error{"QEMU's memory cannot be mapped"};
  dram_ = static_cast<u8*>(memory);
  start();
  wait_for_agent("the agent to start", [](const Mailbox& box) { return box.ready == Mailbox::kAgentReady; });
  unlink((directory_ + "/dram").c_str());  // both have it open; nothing is left should this process be killed
}

Emulator::~Emulator() {
  if (process_ != 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  munmap(dram_, kDramSize);
  for (const char* name : {"/dram", "/console", "/messages"}) unlink((directory_ + name).c_str());
  rmdir(directory_.c_str());
}

void Emulator::start() {
  const std::string memory = "memory-backend-file,id=ram,share=on,size=512M,mem-path=" + directory_ + "/dram";
  const std::string console = "file:" + directory_ + "/console";
  // One instruction is one nanosecond, so that deadlines are exact however busy the host is.
  std::vector<const char*> arguments = {"qemu-system-arm",
                                        "-M",
                                        "mcimx6ul-evk,memory-backend=ram",
                                        "-m",
                                        "512",
                                        "-object",
                                        memory.c_str(),
                                        "-icount",
                                        "shift=0,sleep=off",
                                        "-display",
                                        "none",
                                        "-monitor",
                                        "none",
                                        "-serial",
                                        console.c_str(),
                                        "-semihosting-config",
                                        "enable=on,target=native",
                                        "-no-reboot",
                                        "-kernel",
                                        GOTEE_AGENT,
                                        nullptr};
  const std::string messages = directory_ + "/messages";
  process_ = fork();
  if (process_ < 0) throw std::runtime_error{"QEMU cannot be started: no process"};
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open(messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execvp(arguments[0], const_cast<char**>(arguments.data()));
    _exit(127);
  }
}

void Emulator::wait_for_agent(const char* what, bool (*done)(const Mailbox&)) {
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  for (u32 i = 1; !done(mailbox()); ++i) {
    if (i % 1024 != 0) continue;
    sched_yield();
    const bool ended = waitpid(process_, nullptr, WNOHANG) == process_;
    if (!ended && std::chrono::steady_clock::now() < limit) continue;
    std::ifstream messages{directory_ + "/messages"};
    const std::string said{std::istreambuf_iterator<char>{messages}, {}};
    throw std::runtime_error{std::string{"waiting in vain for "} + what + (ended ? " (QEMU has ended)" : "") +
                             "\n" + said + console()};
  }
}

void Emulator::call(Command command) {
  Mailbox& box = mailbox();
  box.command = command;
  box.agent_turn.store(1);
  wait_for_agent("the agent's answer", [](const Mailbox& b) { return b.agent_turn.load() == 0; });
}

int Emulator::call_without_return(Command command) {
  mailbox().command = command;
  mailbox().agent_turn.store(1);
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  for (int status = 0; std::chrono::steady_clock::now() < limit; usleep(1000)) {
    if (waitpid(process_, &status, WNOHANG) != process_) continue;
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  throw std::runtime_error{"QEMU goes on, though the supervisor should have halted\n" + console()};
}

u8* Emulator::dram(PhysAddr at, u64 size) const {
  if (at.raw < kDramBase || at.raw - kDramBase + size > kDramSize) throw std::out_of_range{"not in DRAM"};
  return dram_ + (at.raw - kDramBase);
}

std::string Emulator::console() const {
  std::ifstream file{directory_ + "/console", std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

Emulator& emulator() {
  static Emulator one;
  return one;
}

}  // namespace gotee::qemu
