shell-open = Open Engage
shell-designer = Designer
shell-settings = Settings
shell-quit = Quit
shell-unreachable = The service does not answer. Check the network and try again; what was saved is not lost.
shell-not-started = The service could not start: { $why }
shell-settings-unreadable = The file { $file } cannot be read ({ $why }). Mend its permissions or remove it, and open Engage again.
shell-settings-malformed = The file { $file } cannot be understood at line { $line } ({ $why }). Mend the line or remove the file, and open Engage again.
shell-settings-misspelt = In the file { $file } there is no key “{ $key }”; did you mean “{ $meant }”? Mend it and open Engage again.
shell-settings-unknown = In the file { $file } there is no key “{ $key }”; there are { $keys }. Remove it and open Engage again.
shell-settings-folder = { $place } must be a folder, in quotes. Mend it and open Engage again.
shell-settings-flag = { $place } must be true or false. Mend it and open Engage again.
shell-settings-address = { $place } is no address of a service: “{ $address }”. It must begin with https:// (http:// only where the service is on this same machine). Mend it and open Engage again.
shell-data-failed = The data in the folder { $data } could not be opened. Check that it exists, that you may write in it and that the disk is sound. If the file is damaged, put back your last backup. Then open Engage again. (Detail: { $why })
shell-data-refused = { $why } The data are in { $data }; once that is mended, open Engage again.

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
