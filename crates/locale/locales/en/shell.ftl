shell-open = Open Engage
shell-designer = Designer
shell-settings = Settings
shell-quit = Quit
shell-unreachable = The service does not answer. Check the network and try again; what was saved is not lost.
shell-not-started = The service could not start: { $why }

deputy-menu = My deputy
deputy-title = My deputy
deputy-title-other = Deputy
deputy-own-text = While you are away, what comes in for your customers goes to this person, in activities that are handed to whoever looks after the customer or to their deputy.
deputy-text = While they are away, what comes in for their customers goes to this person, in activities that are handed to whoever looks after the customer or to their deputy.
deputy-who = Who stands in
deputy-nobody = Nobody
deputy-from = From
deputy-until = Until
deputy-until-hint = That day still counts.
deputy-choose = Choose the person.
deputy-day = The day is missing.
deputy-ends-first = It cannot be before { $day }.
deputy-saved = Deputy saved
deputy-gone = There is no deputy any more
deputy-take-away = Remove the deputy
deputy-failed = Who stands in could not be read
deputy-now = Stands in until { $day }
deputy-coming = Stands in from { $day }
deputy-over = Stood in until { $day }
skill-level-1 = 1 · Beginner
skill-level-2 = 2 · Basic
skill-level-3 = 3 · Good
skill-level-4 = 4 · Very good
skill-level-5 = 5 · Expert
skill-people = { $count ->
    [0] nobody has it yet
    [one] { $count } person
   *[other] { $count } people
}
