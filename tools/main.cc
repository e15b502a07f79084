// The program: one subcommand per file of this folder.
#include <cstdio>

int main() {
  std::puts("realcentric");
  return 0;
}
