import-report-row = Row
import-report-reason = Reason
