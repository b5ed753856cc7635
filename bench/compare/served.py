"""Wraps a program that runs a task once for each line on its stdin and answers with the milliseconds."""
import subprocess, sys


class Served:
    def __init__(self, *command, greeting=False):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = self.process.stdout.readline().strip() if greeting else ""

    def __call__(self):
        try:
            self.process.stdin.write("run\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            sys.exit(f"{sys.argv[0]}: error: a side ended early: " + " ".join(map(str, self.process.args)))
        return float(answer)

    def end(self):
        self.process.stdin.close()
        self.process.wait()
