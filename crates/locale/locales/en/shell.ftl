shell-open = Open Engage
shell-designer = Designer
shell-settings = Settings
shell-quit = Quit
shell-unreachable = The service does not answer. Check the network and try again; what was saved is not lost.
shell-not-started = The service could not start: { $why }
