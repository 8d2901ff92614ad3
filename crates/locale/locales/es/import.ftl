import-report-row = Fila
import-report-reason = Motivo
